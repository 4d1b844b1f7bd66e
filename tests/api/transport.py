"""What the HTTP layer refuses before an operation is looked at: problems like all others."""


def try_transport(document, story):
    send, tried = story.service.send, 0
    bearer = {"Authorization": f"Bearer {story.token}"}

    def refused(status, reason, method, target, headers=None, body=None):
        nonlocal tried
        tried += 1
        answer = send(method, target, {**bearer, **(headers or {})}, body)
        what = f"{method} {target[:40]} {headers}"
        assert answer.status == status, f"{what}: expected {status}, saw {answer.status} {answer.body[:200]}"
        document.check_problem(what, answer, [reason])
        return answer

    refused(404, "route-unknown", "GET", "/v1/nothing")
    refused(404, "route-unknown", "GET", "/")
    refused(404, "route-unknown", "GET", "/v1/catalogs/acme/")
    for path in {operation.path for operation in document.operations.values()}:
        target = path.replace("{", "").replace("}", "")
        methods = {o.method for o in document.operations.values() if o.path == path}
        answer = refused(405, "method-unknown", "PATCH", target)
        assert set(answer.headers["allow"].split(", ")) == methods, f"{path}: {answer.headers['allow']} for {methods}"
    refused(413, "http-too-large", "POST", "/v1/catalogs/acme/products", body=b" " * (1024 * 1024 + 1))
    refused(414, "http-too-large", "GET", "/v1/catalogs?after=" + "a" * 9000)
    refused(415, "http-malformed", "POST", "/v1/catalogs", {"Content-Encoding": "gzip"}, b"{}")
    refused(417, "http-malformed", "POST", "/v1/catalogs", {"Expect": "something"}, b"{}")
    refused(431, "http-too-large", "GET", "/v1/catalogs", {"X-Long": "a" * 17_000})
    refused(431, "http-too-large", "GET", "/v1/catalogs", {f"X-{n}": "a" for n in range(200)})
    refused(400, "http-malformed", "GET", "/v1/catalogs", {"Host": "a b"})
    refused(400, "http-malformed", "POST", "/v1/catalogs", {"Content-Length": "x"})
    refused(501, "http-malformed", "BREW", "/v1/catalogs")
    return tried
