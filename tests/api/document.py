"""api/openapi.yaml as something to hold requests and answers against.

Where the document leaves answers open for members that come later, the test closes them: what the service says today is
declared, all of it.
"""

import json
import re

import jsonschema
import yaml

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = "application/problem+json"
# Of every answer; not worth a word in each.
EVERYWHERE = {"date", "content-length", "content-type", "cache-control", "x-content-type-options", "connection"}
# What may be said before an operation is looked at.
BEFORE = {400, 405, 408, 413, 414, 415, 417, 429, 431, 500, 501, 503, 505}
QUOTED = re.compile(r"`([a-z0-9-]+)`")


class Operation:
    def __init__(self, document, path, method, tree, shared):
        self.document, self.path, self.method, self.tree = document, path, method.upper(), tree
        self.id = tree["operationId"]
        self.parameters = [document.resolved(one) for one in [*shared, *tree.get("parameters", [])]]
        self.scope = (tree["security"] or [{"operatorToken": [None]}])[0]["operatorToken"][0]
        content = tree.get("requestBody", {}).get("content", {})
        self.body_type, media = next(iter(content.items()), (None, {}))
        self.body_schema = document.inlined(media["schema"], closing=False) if media else None
        parts = [f"(?P<{p[1:-1]}>[^/]+)" if p.startswith("{") else re.escape(p) for p in path.split("/")]
        self.pattern = re.compile("^" + "/".join(parts) + "$")

    def names(self, where):
        return {one["name"] for one in self.parameters if one["in"] == where}

    def takes(self, header):
        return header in self.names("header")

    def ok(self):
        """The declared answers that are no problem, by status."""
        return {int(k): self.document.resolved(v) for k, v in self.tree["responses"].items() if int(k) < 300}

    def schema_of(self, status):
        content = self.ok()[status]["content"]
        return self.document.inlined(next(iter(content.values()))["schema"], closing=False)

    def target(self, path, query=None):
        from urllib.parse import quote, urlencode

        out = re.sub(r"\{(\w+)\}", lambda m: quote(str(path[m.group(1)]), safe=""), self.path)
        return out + ("?" + urlencode(query) if query else "")


class Document:
    def __init__(self, file):
        self.tree = yaml.safe_load(file.read_text())
        self.operations = {}
        for path, item in self.tree["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = Operation(self, path, method, item[method], item.get("parameters", []))
                    assert operation.id not in self.operations, f"two operations are called {operation.id}"
                    self.operations[operation.id] = operation

    def check_itself(self):
        """Examples are examples, and nothing is there that nothing refers to."""
        examples, references = 0, set()
        for place, node in walk(self.tree):
            if isinstance(node, dict) and "$ref" in node:
                references.add(node["$ref"])
            if not isinstance(node, dict) or not ({"examples", "example"} & node.keys()):
                continue
            schema = self.inlined(node.get("schema", node), closing=True)
            for value in [*node.get("examples", []), *([node["example"]] if "example" in node else [])]:
                self._validate_against(f"example at {place}", value, schema)
                examples += 1
        for kind, all_of_kind in self.tree["components"].items():
            for name in all_of_kind if kind != "securitySchemes" else ():
                assert f"#/components/{kind}/{name}" in references, f"nothing refers to {kind}/{name}"
        for operation in self.operations.values():
            assert operation.names("path") == set(re.findall(r"\{(\w+)\}", operation.path)), operation.id
        return examples

    def resolved(self, node):
        if "$ref" not in node:
            return node
        out = self.tree
        for step in node["$ref"].removeprefix("#/").split("/"):
            out = out[step]
        return self.resolved(out)

    def inlined(self, schema, closing):
        """Without references; `closing`: an object has no other members than are declared."""
        if isinstance(schema, list):
            return [self.inlined(one, closing) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            beside = {k: v for k, v in schema.items() if k != "$ref"}
            return {**self.inlined(self.resolved(schema), closing), **self.inlined(beside, closing)}
        out = {}
        for word, value in schema.items():
            if word in ("examples", "enum", "const", "default", "required"):
                out[word] = value
            elif word == "properties":
                out[word] = {name: self.inlined(one, closing) for name, one in value.items()}
            else:
                out[word] = self.inlined(value, closing and word != "allOf")
        if closing and "properties" in out and "additionalProperties" not in out:
            out["unevaluatedProperties"] = False
        return out

    def find(self, method, target):
        path = target.split("?")[0]
        for operation in self.operations.values():
            match = operation.pattern.match(path)
            if operation.method == method and match:
                return operation
        raise AssertionError(f"{method} {path} is no operation of the document")

    def check_request(self, operation, headers, body):
        """What a well-behaved client sends is what the document asks for."""
        for name in ("Idempotency-Key", "If-Match", "If-None-Match"):
            assert name not in headers or operation.takes(name), f"{operation.id} does not take {name}"
        if operation.body_type == "application/json":
            self._validate(operation, "request", json.loads(body), operation.body_schema)

    def check_query(self, operation, query):
        for one in operation.parameters:
            if one["in"] == "query" and one["name"] in query:
                self._validate(operation, one["name"], query[one["name"]], self.inlined(one["schema"], closing=False))

    def check_answer(self, operation, answer):
        """Status, headers, content type and body are declared."""
        declared = operation.tree["responses"].get(str(answer.status))
        if declared is None:
            assert answer.status in BEFORE, f"{operation.id}: {answer.status} is not declared: {answer.body[:300]}"
            return self.check_problem(operation.id, answer)
        declared = self.resolved(declared)
        self._check_headers(operation.id, declared, answer)
        if answer.status >= 400:
            return self.check_problem(operation.id, answer, QUOTED.findall(declared["description"]))
        if answer.status == 304:
            assert answer.body == b"", f"{operation.id}: 304 with a body"
            return None
        media_type, media = next(iter(declared["content"].items()))
        assert answer.headers.get("content-type") == media_type, f"{operation.id}: {answer.headers.get('content-type')}"
        if media_type == "application/json":
            self._validate(operation, "answer", answer.json(), self.inlined(media["schema"], closing=True))
        return None

    def check_problem(self, what, answer, reasons=None):
        assert answer.headers.get("content-type") == PROBLEM, f"{what}: {answer.status} is no problem: {answer}"
        problem = answer.json()
        schema = self.inlined({"$ref": "#/components/schemas/Problem"}, closing=True)
        jsonschema.Draft202012Validator(schema).validate(problem)
        assert problem["status"] == answer.status and problem["title"] == problem["reason"], problem
        assert problem["type"] == f"urn:holdfast:problem:{problem['reason']}", problem
        known = reasons is None or answer.status == 500 or problem["reason"] in reasons
        assert known, f"{what}: {answer.status} {problem['reason']} is not declared ({problem['detail']})"

    def _check_headers(self, what, declared, answer):
        headers = {name.lower(): self.resolved(one) for name, one in declared.get("headers", {}).items()}
        for name, value in answer.headers.items():
            assert name in headers or name in EVERYWHERE, f"{what}: {answer.status} has the header {name}"
            if name in headers:
                schema = headers[name]["schema"]
                typed = int(value) if schema.get("type") == "integer" else value
                jsonschema.Draft202012Validator(schema).validate(typed)
        for name in headers.keys() - {"idempotency-replayed"}:
            assert name in answer.headers, f"{what}: {answer.status} lacks the header {name}"
        assert answer.headers.get("cache-control") == "no-store", f"{what}: {answer.headers}"

    def _validate(self, operation, what, value, schema):
        self._validate_against(f"{operation.id}: {what}", value, schema)

    def _validate_against(self, what, value, schema):
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error is not None:
            raise AssertionError(f"{what} at {error.json_path}: {error.message[:300]}\n{value}")


def walk(node, place=""):
    yield place, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from walk(child, f"{place}/{name}")
