"""An owner's first day, every operation at least once."""

import base64
import datetime
import json
import subprocess

import updates
from contract import Contract
from service import Service

SET = {"component": "app", "version": "1.0", "security_version": 1,
       "events": [{"pcr": 9, "digest": "ab" * 32, "description": "application"}]}
ACME = {"catalog": "acme"}
LAB = {"product": "gateway", "device_group": "lab"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def base64_of(data):
    return base64.b64encode(data).decode()


class Story(Contract):
    def tell(self):
        self.begin()
        self.owner()
        self.people()
        self.things()
        self.policies()
        self.approvals()
        self.devices()
        updates.tell(self)
        self.release()
        self.without_vault()
        self.authorities()
        self.webhooks()
        self.audit()
        self.leaving()
        self.arriving()
        self.end()

    def at(self, **names):
        return {**ACME, **names}

    def holdfast(self, *arguments, through=()):
        """A command; its requests for the operations in `through` are made as a `call`, with all that this asks."""
        if arguments[0] != "owner" or arguments[1] not in ("init", "renew"):
            arguments = (*arguments, "--config", str(self.service.config))

        def exchange(method, target, headers, body):
            operation = self.document.find(method, target)
            if operation.id not in through:
                return self.exchange(method, target, headers, body)
            self.call(operation.id, operation.pattern.match(target).groupdict(), body=body or None)
            return self.answered

        self.service.run_owner([str(one) for one in arguments], exchange)

    def begin(self):
        self.call("getHealth")
        self.call("getReadiness")
        self.log_in()
        assert b"holdfast_requests_total" in self.call("getMetrics")
        self.call("getService")
        problem = self.refuse("getCatalog", 404, "nothing-there", {"catalog": "nobody"},
                              headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
        assert problem["trace"] == TRACE, problem

    def log_in(self):
        link = (self.service.work / "service" / "owner-link").read_text().strip()
        secret = link.rsplit("secret=", 1)[1]
        self.token = self.call("redeemOwnerLink", body={"secret": secret, "name": "ada"})["token"]
        operator = {"name": "cli", "scope": "own"}
        made = self.call("addOperator", body=operator)
        self.write_config(link, made["token"])

    def write_config(self, link, token):
        """What `holdfast login` would leave, had the link not been used here."""
        digest = link.split("#ca=")[1].split("&")[0]
        url = f"https://127.0.0.1:{self.service.port}"
        config = {"format": 1, "url": url, "service_ca_sha256": digest, "operator": "cli", "token": token, "catalogs": {}}
        self.service.config.write_text(json.dumps(config))
        self.service.config.chmod(0o600)

    def owner(self):
        self.folder = self.service.work / "owner"
        self.holdfast("owner", "init", "--dir", self.folder)
        self.holdfast("catalog", "create", "acme", "--owner", self.folder, through={"certifyAuthorities"})
        self.holdfast("owner", "trust-policy", "set", "--dir", self.folder, "--catalog", "acme", "--offline", "keep-running")
        self.holdfast("owner", "renew", "--dir", self.folder)
        self.holdfast("owner", "publish", self.folder / "2.root.draft.json", "--dir", self.folder, "--catalog", "acme")
        root = base64_of((self.folder / "1.root.json").read_bytes())
        self.call("createCatalog", body={"name": "other", "owner_root": root, "trust_domain": "fleet.example"})
        self.call("prepareAuthorities", {"catalog": "other"})
        self.call("listCatalogs")
        self.call("getCatalog", ACME)
        self.call("getCatalog", {"catalog": "other"})
        self.call("getOwnerDocuments", ACME)
        self.call("getOwnerDocuments", {"catalog": "other"})

    def people(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        body = {"name": "grace", "scope": "operate", "catalog": "acme", "expires_at": soon.strftime("%Y-%m-%dT%H:%M:%SZ")}
        grace = self.call("addOperator", body=body)["token"]
        self.reader = self.call("addOperator", body={"name": "ci", "scope": "read", "catalog": "acme"})["token"]
        self.call("addOperator", body={"name": "gone", "scope": "read"})
        self.call("getOperator", {"operator": "grace"})
        self.call("revokeOperator", {"operator": "gone"})
        self.call("getOperator", {"operator": "gone"})
        self.call("listOperators")
        self.call("listOperators", query={"scope": "own", "state": "active"})
        self.call("listCatalogs", token=grace)

    def things(self):
        self.call("createProduct", ACME, body={"name": "gateway", "description": "the small grey one"})
        self.call("createProduct", ACME, body={"name": "meter"})
        self.call("listProducts", ACME)
        self.call("getProduct", self.at(product="gateway"))
        self.call("createDeviceGroup", ACME, body={"product": "gateway", "name": "field"})
        self.call("createDeviceGroup", ACME, body={"product": "gateway", "name": "lab", "policy": "strict"})
        self.call("listDeviceGroups", ACME)
        self.call("listDeviceGroups", ACME, {"product": "gateway", "policy": "strict"})
        self.call("getDeviceGroup", self.at(product="gateway", group="lab"))
        self.call("createClaim", ACME, body={**LAB, "life": "1h"})
        self.call("createClaim", ACME, body=LAB)
        claims = self.call("listClaims", ACME, {"state": "open"})["items"]
        self.call("getClaim", self.at(ticket=claims[0]["ticket"]))
        self.call("withdrawClaim", self.at(ticket=claims[0]["ticket"]))
        self.call("listClaims", ACME, {"state": "expired", **LAB})
        self.call("addExpectedKeys", ACME, body=f"{'ab' * 32},gateway,lab,SN-1\n{'cd' * 32},gateway,field\n")
        self.call("listExpectedKeys", ACME)
        self.call("listExpectedKeys", ACME, {"label": "SN-1", **LAB})
        self.call("getExpectedKey", self.at(ek="ab" * 32))
        self.call("removeExpectedKey", self.at(ek="ab" * 32))

    def policies(self):
        document = {"version": 1, "pcrs": [0, 4, 9], "required": ["os"], "optional": ["app"], "floor": {"os": 1},
                    "withdrawn": [{"component": "os", "version": "0.1"}], "client_life": "48h",
                    "long_life_exception": "far away", "update_life": "1d", "quarantine_life": "30min",
                    "harsher": {"events-known": "refused"}}
        self.call("setPolicy", self.at(policy="strict"), body=document)
        self.call("setPolicy", self.at(policy="strict"), body={"version": 2, "floor": {"os": 1}})
        self.call("getPolicy", self.at(policy="strict"))
        self.call("listPolicyVersions", self.at(policy="strict"))
        self.call("listPolicies", ACME)
        set_id = self.call("addReferenceSet", ACME, body=SET)["id"]
        self.call("allowReferenceSet", self.at(id=set_id), {"product": "gateway", "device_group": "lab"})
        self.call("getReferenceSet", self.at(id=set_id))
        self.call("listReferenceSets", ACME)
        self.call("listReferenceSets", ACME, {"component": "app", "source": "image"})
        self.call("disallowReferenceSet", self.at(id=set_id), {"product": "gateway", "device_group": "lab"})

    def approvals(self):
        self.call("setApprovalRules", ACME, body={"two_approvers": True})
        where = {"product": "gateway", "device_group": "lab"}
        set_id = self.call("addReferenceSet", ACME, body=SET)["id"]
        first = self.call("allowReferenceSet", self.at(id=set_id), where, expect=202)["waits"]
        self.call("getApproval", self.at(number=first["number"]))
        second = self.call("addExpectedKeys", ACME, body=f"{'ef' * 32},gateway,lab\n", expect=202)["waits"]
        self.call("setPolicy", self.at(policy="strict"), body={"version": 3}, expect=202)
        est = self.call("setEst", ACME, body={"reenroll": True}, expect=202)["waits"]
        assert self.call("listApprovals", ACME, {"kind": "est"})["items"] == [est]
        rules = self.call("setApprovalRules", ACME, body={"two_approvers": False}, expect=202)["waits"]
        self.call("listApprovals", ACME)
        self.call("listApprovals", ACME, {"state": "proposed", "kind": "policy"})
        self.call("rejectChange", self.at(number=first["number"]))
        ben = self.call("addOperator", body={"name": "ben", "scope": "own"})["token"]
        ada, self.token = self.token, ben
        for waits in (second, est, rules):
            self.call("approveChange", self.at(number=waits["number"]), body={"content_sha256": waits["content_sha256"]})
        self.token = ada

    def devices(self):
        work = self.service.work
        (work / "swarm.json").write_text(self.service.run("holdfast-swarm", "reference-values"))
        self.holdfast("reference-values", "add", work / "swarm.json", "--catalog", "acme", "--allow", "gateway/field")
        self.service.run("holdfast-swarm", "maker", "--maker", work / "maker")
        self.holdfast("tpm-root", "add", work / "maker" / "maker-root.pem", "--catalog", "acme", "--owner", self.folder)
        self.service.run("holdfast-swarm", "run", "--maker", work / "maker", "--catalog", "acme", "--product",
                         "gateway", "--device-group", "field", "--devices", 3, "--arrive-over", "1s", "--stay", "1s")
        devices = self.call("listDevices", ACME)["items"]
        assert len(devices) == 3, devices
        for query in ({"verdict": "healthy"}, {"product": "gateway", "device_group": "field", "state": "enrolled"},
                      {"seen_after": "2020-01-01T00:00:00Z"}):
            assert len(self.call("listDevices", ACME, query)["items"]) == 3, query
        assert self.call("listDevices", ACME, {"seen_before": "2020-01-01T00:00:00Z"})["items"] == []
        assert self.call("listDevices", ACME, {"verdict": "none"})["items"] == []
        assert self.call("listDevices", ACME, {"state": "released"})["items"] == []
        self.device, self.released = (self.at(device=one["device"]) for one in devices[:2])
        self.one_device()
        policy = {"version": 1, "floor": {"os": 9}}
        assert len(self.call("dryRunPolicy", ACME, body=policy)["items"]) == 3
        used = self.call("listClaims", ACME, {"state": "used", "device": devices[0]["device"]})["items"]
        assert len(used) == 1, used

    def one_device(self):
        self.call("getDevice", self.device)
        self.call("explainDevice", self.device)
        certificates = self.call("listDeviceCertificates", self.device, {"kind": "client", "state": "valid"})["items"]
        certificate = self.at(serial=certificates[0]["serial"])
        self.call("getCertificate", certificate)
        self.call("revokeCertificate", certificate, body={"reason": "a test"})
        self.call("getCertificate", certificate)
        self.call("listCertificates", ACME)
        assert len(self.call("listCertificates", ACME, {"kind": "client", "state": "revoked"})["items"]) == 1
        self.call("holdDevice", self.device)
        self.call("listDeviceCertificates", self.device)
        self.call("releaseHold", self.device)
        self.call("moveDevice", self.device, body=LAB)
        self.call("proposeBaseline", self.device)
        self.call("acceptBaseline", self.device)

    def release(self):
        """The order alone: that the device obeys it is another test's."""
        self.refuse("getRelease", 404, "nothing-there", self.released)
        self.holdfast("device", "release", self.released["device"], "--owner", self.folder, "--catalog", "acme",
                      through={"orderRelease"})
        order = self.call("getRelease", self.released)
        assert order["ordered_by"] == "operator:ada" and order["confirmed_at"] is None, order
        statement = json.loads(self.called["orderRelease"][2])
        self.refuse("orderRelease", 400, "device-release-foreign", self.device, body=statement)
        self.refuse("orderRelease", 404, "nothing-there", self.at(device="hf-0000-0000-0000-0000"), body=statement)
        self.refuse("orderRelease", 400, "json-malformed", self.released, body={"statement": base64_of(b"no document")})

    def without_vault(self):
        self.refuse("setEst", 404, "authority-missing", ACME, body={"things": True})
        self.holdfast("authority", "rotate", "unattested", "--owner", self.folder, "--catalog", "acme",
                      through={"prepareAuthority", "certifyAuthority"})
        assert self.answered.json()["state"] == "in-force", self.answered
        settings = self.call("setEst", ACME, body={"things": True, "thing_life": "1h"})
        assert settings == {"reenroll": True, "things": True, "thing_life": "1h"}, settings
        assert self.call("getEst", ACME) == {**settings, "authority": 1}
        for life in ("9min", "31d"):
            self.refuse("setEst", 400, "est-life-wrong", ACME, body={"thing_life": life})
        self.call("makeThingSecret", ACME, body={"thing": "printer-4"})
        secret = self.call("makeThingSecret", ACME, body={"thing": "printer-3", "life": "1h"})["secret"]
        self.refuse("makeThingSecret", 403, "thing-name-taken", ACME, body={"thing": "hf-0123-4567-89ab-cdef"})
        self.refuse("makeThingSecret", 400, "secret-life-wrong", ACME, body={"thing": "printer-5", "life": "91d"})
        self.service.enrol_thing("acme", "printer-3", secret)
        used = {one["thing"]: one["used_at"] for one in self.call("listThings", ACME)["items"]}
        assert used.keys() == {"printer-3", "printer-4"} and used["printer-3"] and used["printer-4"] is None, used
        issued = self.call("listThingCertificates", self.at(thing="printer-3"))["items"]
        assert [(one["kind"], one["state"]) for one in issued] == [("unattested", "valid")], issued
        assert self.call("listCertificates", ACME, {"kind": "unattested", "state": "valid"})["items"] == issued
        self.call("removeThing", self.at(thing="printer-4"))
        self.refuse("removeThing", 404, "nothing-there", self.at(thing="printer-4"))

    def authorities(self):
        first = self.at(authority="unattested", number=1)
        for which in ("client", "unattested"):
            self.holdfast("authority", "rotate", which, "--owner", self.folder, "--catalog", "acme", "--announce", "10min",
                          through={"prepareAuthority", "certifyAuthority"})
            assert self.answered.json()["state"] == "announced", self.answered
        self.refuse("prepareAuthority", 409, "authority-not-yet", self.at(authority="unattested"))
        self.refuse("prepareAuthority", 400, "input-malformed", self.at(authority="root"))
        self.refuse("retireAuthority", 409, "authority-in-use", first)
        self.refuse("retireAuthority", 404, "authority-missing", self.at(authority="unattested", number=9))
        ended = self.call("distrustAuthority", first, body={"reason": "a test"})
        assert ended == {"distrusted": 1, "superseded": 1, "left": False, "key_destroyed": True}, ended
        issued = self.call("listThingCertificates", self.at(thing="printer-3"))["items"]
        assert issued[0]["state"] == "superseded", issued
        self.call("retireAuthority", first)
        again = self.call("prepareAuthority", self.at(authority="unattested"))
        assert again["number"] == 3, again
        items = self.call("listAuthorities", ACME)["items"]
        states = {(one["authority"], one["number"]): one["state"] for one in items}
        assert states == {("client", 2): "announced", ("client", 1): "in-force", ("update", 1): "in-force",
                          ("unattested", 3): "prepared", ("unattested", 2): "in-force",
                          ("unattested", 1): "distrusted"}, states

    def webhooks(self):
        ca = self.service.work / "ca.der"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=receiver", "-outform", "DER", "-keyout", self.service.work / "ca.key", "-out", ca],
                       check=True, capture_output=True)
        events = ["certificate-ended", "device-held"]
        own = {"name": "broker", "url": "https://127.0.0.1:1/hook?key=1", "events": events, "ca": base64_of(ca.read_bytes())}
        self.call("createWebhook", ACME, body=own)
        public = {"name": "cloud", "url": "https://hooks.example/x", "events": events[:1], "public_ca": True}
        self.call("createWebhook", ACME, body=public)
        self.call("listWebhooks", ACME)
        self.call("getWebhook", self.at(webhook="cloud"))
        self.call("testWebhook", self.at(webhook="cloud"))
        self.call("deleteWebhook", self.at(webhook="broker"))

    def audit(self):
        self.call("listAuditRecords", ACME)
        for query in ({"action": "device.held"}, {"actor": "operator:ben"}, {"subject": self.device["device"]},
                      {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}):
            assert self.call("listAuditRecords", ACME, query)["items"], query
        assert self.call("listAuditRecords", ACME, {"since": "2100-01-01T00:00:00Z"})["items"] == []
        self.call("getAuditHead", ACME)
        self.call("getAuditHead", {"catalog": "_service"})
        self.call("listAuditRecords", {"catalog": "_service"})

    def leaving(self):
        self.refuse("exportCatalog", 409, "catalog-not-left", ACME)
        self.refuse("leaveService", 409, "catalog-not-left", {"catalog": "other"})
        self.call("leaveService", ACME)
        assert self.call("getCatalog", ACME)["state"] == "left"
        self.refuse("createProduct", 409, "catalog-left", ACME, body={"name": "late"})
        self.refuse("exportCatalog", 400, "cursor-malformed", ACME, {"after": "?"})
        tables, after = [], {}
        while after is not None:
            page = self.call("exportCatalog", ACME, after)
            tables.append(page.get("table"))
            assert all(len(row) == len(page["columns"]) for row in page["rows"]), page
            if "sealed_key" in page.get("columns", ()):
                at = page["columns"].index("sealed_key")
                assert all(row[at] == {"base64": ""} for row in page["rows"]), "a private key leaves"
            after = {"after": page["next"]} if "next" in page else None
        assert {"catalogs", "devices", "certificates", "keys", "things"} <= set(tables), tables
        self.call("comeBack", ACME)
        self.refuse("exportCatalog", 409, "catalog-not-left", ACME)

    def arriving(self):
        """Two catalogs of another service: one is taken over whole, of the other nothing but the last page."""
        place = self.service.work / "elsewhere"
        place.mkdir()
        there = Service(self.service.binaries, self.service.bridge, place)
        try:
            there.start()
            elsewhere = Story(self.document, there)
            elsewhere.statuses = self.statuses
            elsewhere.log_in()
            elsewhere.holdfast("owner", "init", "--dir", place / "owner")
            for catalog in ("moved", "halfway"):
                elsewhere.holdfast("catalog", "create", catalog, "--owner", place / "owner")
                elsewhere.holdfast("catalog", "export", catalog, "--owner", place / "owner", "--out", place / catalog)
        finally:
            there.stop()
        self.refuse("putImportPage", 404, "import-unknown", {"catalog": "moved", "number": 1}, body={})
        self.holdfast("catalog", "import", "--from", place / "moved", "--owner", place / "owner")
        assert self.call("getCatalog", {"catalog": "moved"})["state"] == "ready"
        states = [one["state"] for one in self.call("listAuthorities", {"catalog": "moved"})["items"]]
        assert states == ["in-force", "retired"] * 2, states
        self.half_way(place / "halfway")

    def half_way(self, archive):
        order = {"roots": json.loads((archive / "roots.json").read_text()),
                 "statement": base64_of((archive / "statement.json").read_bytes())}
        self.refuse("beginImport", 400, "root-version-wrong", body={**order, "roots": order["roots"] * 2})
        pages = sorted(archive.glob("page-*.json"))
        begun = self.call("beginImport", body=order)
        assert begun == {"catalog": "halfway", "remaining_pages": len(pages)}, begun
        page = {"catalog": "halfway", "number": len(pages)}
        self.refuse("putImportPage", 400, "page-wrong", page, body=pages[0].read_bytes())
        self.refuse("putImportPage", 400, "input-malformed", {**page, "number": "last"}, body=b"{}")
        left = self.call("putImportPage", page, body=pages[-1].read_bytes())
        assert left == {"remaining_pages": len(pages) - 1}, left
        assert self.call("beginImport", body=order)["remaining_pages"] == len(pages) - 1
        assert self.call("getCatalog", {"catalog": "halfway"})["state"] == "importing"
        self.refuse("createProduct", 409, "catalog-left", {"catalog": "halfway"}, body={"name": "late"})

    def end(self):
        """Everything that the document has was called, by the story or by the command line in it."""
        seen = {name for name, status in self.statuses if status < 300}
        missing = set(self.document.operations) - seen
        assert not missing, f"never answered with success: {sorted(missing)}"
        for name, operation in self.document.operations.items():
            for status in operation.ok():
                assert (name, status) in self.statuses or status == 202, f"{name} was never answered with {status}"
