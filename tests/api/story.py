"""An owner's first day, every operation at least once."""

import base64
import datetime
import json
import subprocess

from contract import Contract

SET = {"component": "app", "version": "1.0", "security_version": 1,
       "events": [{"pcr": 9, "digest": "ab" * 32, "description": "application"}]}
ACME = {"catalog": "acme"}
LAB = {"product": "gateway", "device_group": "lab"}


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
        self.webhooks()
        self.audit()
        self.end()

    def at(self, **names):
        return {**ACME, **names}

    def holdfast(self, *arguments):
        if arguments[0] != "owner" or arguments[1] not in ("init", "renew"):
            arguments = (*arguments, "--config", str(self.service.config))
        self.service.run_owner([str(one) for one in arguments], self.exchange)

    def begin(self):
        self.call("getHealth")
        self.call("getReadiness")
        link = (self.service.work / "service" / "owner-link").read_text().strip()
        secret = link.rsplit("secret=", 1)[1]
        self.token = self.call("redeemOwnerLink", body={"secret": secret, "name": "ada"})["token"]
        operator = {"name": "cli", "scope": "own"}
        made = self.call("addOperator", body=operator)
        self.write_config(link, made["token"])
        assert b"holdfast_requests_total" in self.call("getMetrics")
        self.call("getService")

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
        self.holdfast("catalog", "create", "acme", "--owner", self.folder)
        self.holdfast("owner", "trust-policy", "set", "--dir", self.folder, "--catalog", "acme", "--offline", "keep-running")
        self.holdfast("catalog", "certify", "acme", "--owner", self.folder)
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
        rules = self.call("setApprovalRules", ACME, body={"two_approvers": False}, expect=202)["waits"]
        self.call("listApprovals", ACME)
        self.call("listApprovals", ACME, {"state": "proposed", "kind": "policy"})
        self.call("rejectChange", self.at(number=first["number"]))
        ben = self.call("addOperator", body={"name": "ben", "scope": "own"})["token"]
        ada, self.token = self.token, ben
        for waits in (second, rules):
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
        self.device = self.at(device=devices[0]["device"])
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

    def end(self):
        """Everything that the document has was called, by the story or by the command line in it."""
        seen = {name for name, status in self.statuses if status < 300}
        missing = set(self.document.operations) - seen
        assert not missing, f"never answered with success: {sorted(missing)}"
        for name, operation in self.document.operations.items():
            for status in operation.ok():
                assert (name, status) in self.statuses or status == 202, f"{name} was never answered with {status}"
