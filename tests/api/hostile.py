"""Requests that break the document, made from the document: each is refused with a declared problem, never with 5xx."""

import copy
import json

from contract import encode

WRONG = {"string": 5, "integer": "1", "boolean": "yes", "array": {}, "object": []}
OVERSIZE = 300 * 1024  # of a text for which the document names no bound
BODY_BYTES_MAX = 1024 * 1024


def type_of(schema):
    for one in [schema, *schema.get("oneOf", [])]:
        if "type" in one and one["type"] != "null":
            return one["type"]
    return None


def bodies_against(schema, valid):
    """(what is wrong, body) for every member of a valid body."""
    if not isinstance(valid, dict):
        return
    for wrong in ([], "text", 7, None):
        yield f"is {wrong!r}", wrong
    yield "has a member too many", {**valid, "surplus": 1}
    for name in schema.get("required", []):
        yield f"lacks {name}", {k: v for k, v in valid.items() if k != name}
    for name, one in schema.get("properties", {}).items():
        yield f"has {name} of another type", {**valid, name: WRONG[type_of(one)]}
        yield from ((f"{name} {what}", {**valid, name: value}) for what, value in values_against(one, valid.get(name)))


def values_against(schema, valid):
    kind = type_of(schema)
    if kind == "string" and "enum" not in schema:
        yield "is oversize", "a" * (schema.get("maxLength", OVERSIZE) + 1)
        if schema.get("minLength", 0) > 0:
            yield "is empty", ""
        if "pattern" in schema:
            yield "is of another form", "\u00e4 \n"
        if schema.get("contentEncoding"):
            yield "is no base64", "?"
    if "enum" in schema:
        yield "is another word", "another"
    if kind == "integer":
        yield "is too small", schema["minimum"] - 1
        yield "is a fraction", 1.5
        if "maximum" in schema:
            yield "is too large", schema["maximum"] + 1
    if kind == "array":
        yield "has another item", [None]
        if "maxItems" in schema and isinstance(valid, list) and valid:
            yield "has too many items", valid * (schema["maxItems"] + 1)
        if schema.get("minItems"):
            yield "is empty", []
        if isinstance(valid, list) and valid and isinstance(valid[0], dict):
            for what, item in bodies_against(schema["items"], valid[0]):
                yield f"has an item that {what}", [item]
    if kind == "object" and isinstance(valid, dict):
        if "properties" in schema:
            yield from bodies_against(schema, valid)
        elif isinstance(schema.get("additionalProperties"), dict):
            yield "has a value of another type", {name: [] for name in valid} or {"os": []}


def queries_against(schema):
    if schema.get("type") == "integer":
        yield from ("x", schema["minimum"] - 1, schema.get("maximum", 2**63) + 1, "1.5")
    if "enum" in schema:
        yield "another"
    if schema.get("format") == "date-time":
        yield from ("yesterday", "2026-13-01T00:00:00Z")


class Hostile:
    def __init__(self, story):
        self.story, self.document, self.tried, self.accepted = story, story.document, 0, []

    def refused(self, operation, what, *call, statuses=range(400, 500), **more):
        answer = self.story.send(operation, *call, **more)
        self.tried += 1
        if answer.status not in statuses:
            self.accepted.append(f"{operation.id}: {what}: {answer.status} {answer.body[:200]}")

    def try_all(self):
        for name, (path, query, raw) in self.story.called.items():
            operation = self.document.operations[name]
            self.bodies(operation, path, query, raw)
            self.queries(operation, path, query, raw)
            self.headers(operation, path, query, raw)
            self.callers(operation, path, query, raw)
        assert not self.accepted, "\n".join(self.accepted)
        return self.tried

    def bodies(self, operation, path, query, raw):
        if operation.body_type is None:
            return
        self.refused(operation, "the body is oversize", path, query, b" " * (BODY_BYTES_MAX + 1), statuses={413})
        if operation.body_type == "application/octet-stream":
            return  # whatever it is, its digest or its signature decides later
        if operation.body_type != "application/json":
            self.refused(operation, "the body is another text", path, query, b"one,two\n", statuses={400})
            return
        for text in (b"", b"{", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 100_000, b"nul"):
            self.refused(operation, f"the body is {text[:9]!r}", path, query, text, statuses={400})
        valid = json.loads(raw)
        self.longest(operation, path, query, valid)
        for what, body in bodies_against(operation.body_schema, copy.deepcopy(valid)):
            # A name of another form may be looked for and not be there; a shape is judged before anything.
            statuses = {400} if what.startswith(("is ", "has ", "lacks ")) else {400, 401, 403, 404}
            sent = encode(operation, body)
            too_large = {413} if len(sent or b"") > BODY_BYTES_MAX else set()
            self.refused(operation, f"the body {what}", path, query, sent, statuses=statuses | too_large)

    def longest(self, operation, path, query, valid):
        """A text of the most characters that the document allows is not too long for the service."""
        for name, one in operation.body_schema.get("properties", {}).items():
            if "maxLength" in one and not {"pattern", "enum", "format"} & one.keys():
                body = encode(operation, {**valid, name: "a" * one["maxLength"]})
                answer = self.story.send(operation, path, query, body)
                if answer.status == 400 and answer.json()["reason"] == "json-shape":
                    self.accepted.append(f"{operation.id}: {name} of {one['maxLength']} is refused: {answer.body[:200]}")

    def queries(self, operation, path, query, raw):
        self.refused(operation, "a parameter too many", path, {**(query or {}), "surplus": 1}, raw, statuses={400})
        for one in operation.parameters:
            if one["in"] != "query":
                continue
            for value in queries_against(self.document.inlined(one["schema"], closing=False)):
                self.refused(operation, f"{one['name']}={value}", path, {**(query or {}), one["name"]: value}, raw,
                             statuses={400})
            if one.get("required"):
                rest = {k: v for k, v in (query or {}).items() if k != one["name"]}
                self.refused(operation, f"lacks {one['name']}", path, rest, raw, statuses={400, 404})

    def headers(self, operation, path, query, raw):
        for name in ("If-Match", "If-None-Match", "Idempotency-Key"):
            if operation.takes(name):
                for value in ("", '"a b"' if name != "Idempotency-Key" else "a" * 256):
                    self.refused(operation, f"{name}: {value[:9]}", path, query, raw, {name: value}, statuses={400})

    def callers(self, operation, path, query, raw):
        if operation.scope is None:
            return
        for authorization in ("", "Bearer hft_nobody", "Basic YTpi"):
            self.refused(operation, "a stranger", path, query, raw, {"Authorization": authorization}, statuses={401})
        outside = "catalog" not in path or path["catalog"] != "acme"
        alone = operation.id in ("getService", "listCatalogs")
        if operation.scope != "read" or (outside and not alone):
            self.refused(operation, "a reader", path, query, raw, token=self.story.reader, statuses={403})
