"""Calls by operation, each checked against the document, and tried again in every way that the document promises."""

import json
import uuid


class Contract:
    def __init__(self, document, service):
        self.document, self.service = document, service
        self.token = None
        self.called = {}  # by operation: (path, query, body) of a call that succeeded
        self.statuses = set()  # (operation, status) that were seen
        self.answered = None  # the answer to the last `call`

    # --- one exchange ---------------------------------------------------------------------------------------------

    def exchange(self, method, target, headers, body):
        operation = self.document.find(method, target)
        self.document.check_request(operation, headers, body)
        answer = self.service.send(method, target, headers, body)
        self.document.check_answer(operation, answer)
        self.statuses.add((operation.id, answer.status))
        return answer

    def send(self, operation, path, query=None, body=None, headers=None, token=None):
        """As `exchange`, without asking whether the request is right."""
        sent = dict(headers or {})
        token = token or self.token
        if operation.scope and token:
            sent.setdefault("Authorization", f"Bearer {token}")
        if body is not None:
            sent.setdefault("Content-Type", operation.body_type or "application/json")
        answer = self.service.send(operation.method, operation.target(path, query), sent, body)
        self.document.check_answer(operation, answer)
        self.statuses.add((operation.id, answer.status))
        return answer

    # --- one operation --------------------------------------------------------------------------------------------

    def call(self, name, path=None, query=None, body=None, expect=None, token=None):
        """Succeeds with `expect` (default: the first declared status), and keeps what else the document promises."""
        operation = self.document.operations[name]
        path, raw = path or {}, encode(operation, body)
        self.document.check_query(operation, query or {})
        if operation.body_type == "application/json":
            self.document.check_request(operation, {}, raw)
        headers = {"Idempotency-Key": str(uuid.uuid4())} if operation.takes("Idempotency-Key") else {}
        if operation.method != "GET":
            self._refuse_precondition(operation, path, query, raw)
        answer = self.send(operation, path, query, raw, headers, token)
        wanted = expect or min(operation.ok())
        assert answer.status == wanted, f"{name}: expected {wanted}, saw {answer.status}: {answer.body[:500]}"
        self.called[name], self.answered = (path, query, raw), answer
        if headers:
            self._replay(operation, path, query, raw, headers, answer)
        if operation.method == "GET" and "ETag" in operation.ok()[wanted].get("headers", {}):
            self._revalidate(operation, path, query, answer, token)
        if operation.method == "GET" and "limit" in operation.names("query"):
            self._walk(operation, path, query, token)
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.body

    def refuse(self, name, status, reason, path=None, query=None, body=None, headers=None):
        """Is refused so; the problem."""
        operation = self.document.operations[name]
        answer = self.send(operation, path or {}, query, encode(operation, body), headers)
        seen = (answer.status, answer.json().get("reason"))
        assert seen == (status, reason), f"{name}: expected {status} {reason}, saw {seen}: {answer.body[:300]}"
        return answer.json()

    def _refuse_precondition(self, operation, path, query, raw):
        for header in ("If-Match", "If-None-Match"):
            wanted = 412 if operation.takes("If-Match") else 400
            value = '"00"' if header == "If-Match" else "*"
            answer = self.send(operation, path, query, raw, {header: value})
            # `*` of If-None-Match is fulfilled where there is nothing yet: that is the story's own to tell.
            if header == "If-None-Match" and operation.takes(header):
                continue
            if operation.id in ("redeemOwnerLink", "dryRunPolicy"):
                continue
            assert answer.status == wanted, f"{operation.id} under {header}: {answer.status} {answer.body[:300]}"

    def _replay(self, operation, path, query, raw, headers, first):
        again = self.send(operation, path, query, raw, headers)
        assert (again.status, again.body) == (first.status, first.body), f"{operation.id}: another answer to its key"
        assert again.headers.get("idempotency-replayed") == "true", f"{operation.id}: done twice under one key"
        other = self.send(operation, path, query, (raw or b"") + b"\n", headers)
        assert other.status == 422, f"{operation.id}: {other.status} for another request under its key"

    def _revalidate(self, operation, path, query, answer, token):
        etag = answer.headers["etag"]
        again = self.send(operation, path, query, None, {"If-None-Match": etag}, token)
        assert again.status == 304 and again.headers["etag"] == etag, f"{operation.id}: {again.status} to its own ETag"

    def _walk(self, operation, path, query, token):
        """Pages of one item are the list."""
        whole = self.send(operation, path, query, token=token).json()["items"]
        items, after = [], {}
        for _ in range(len(whole) + 1):
            page = self.send(operation, path, {**(query or {}), "limit": 1, **after}, token=token).json()
            items += page["items"]
            if "next" not in page:
                break
            after = {"after": page["next"]}
        assert items == whole, f"{operation.id}: {len(items)} items by pages, {len(whole)} at once"


def encode(operation, body):
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body).encode() if operation.body_type == "application/json" else body.encode()
