#include <doctest/doctest.h>

#include "device/agent.h"
#include "device/check_in/check_in.h"
#include "device_bench.h"
#include "trust/tuf/trust_policy.h"

using namespace holdfast;
using namespace holdfast::device;
using tests::DeviceBench;

namespace {

void claim(DeviceBench& bench) {
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
}

}  // namespace

TEST_CASE("a newer trust policy is fetched and pinned, over a new root too") {
  DeviceBench bench;
  claim(bench);
  const auto before = *bench.agent().records().get<record::Owner>();
  bench.service.publish_root();
  bench.service.publish_trust_policy();
  bench.run(minutes(10));
  const auto& owner = *bench.agent().records().get<record::Owner>();
  CHECK(owner.trust_policy.version == before.trust_policy.version + 1);
  CHECK(owner.root != before.root);
  CHECK(bench.agent().records().get<record::Identity>());
}

TEST_CASE("an older trust policy is refused and the pinned one stays") {
  DeviceBench bench;
  const auto keep = [&](const char* path) {
    return bench.net
        .exchange({.service = "https://service.test:8443",
                   .peer = ports::ContentPinned{},
                   .identity = {},
                   .method = "GET",
                   .path = path,
                   .body = {}})
        ->body;
  };
  const Blob old_documents = keep("/v1/bootstrap/acme");
  bench.service.publish_trust_policy();
  claim(bench);
  REQUIRE(bench.agent().records().get<record::Owner>()->trust_policy.version == 2);
  bench.service.publish_trust_policy();
  bench.net.on("GET", "/v1/bootstrap/acme", sim::net::always(200, old_documents));
  bench.run(minutes(10));
  CHECK(bench.agent().records().get<record::Owner>()->trust_policy.version == 2);
  CHECK(bench.trouble().reason == trust::tuf::kTrustPolicyRolledBack.word());
}

TEST_CASE("a peer that cannot prove itself makes the device ask for a newer trust policy") {
  DeviceBench bench;
  claim(bench);
  const std::size_t before = bench.net.count("/v1/bootstrap/acme");
  bench.net.on("POST", "/v1/check-in", [](const ports::NetRequest&) -> Result<ports::NetAnswer> {
    return fail(Next::Denied, ports::kNetPeerUnverified, "expected the service CA, saw another");
  });
  bench.run(minutes(10));
  CHECK(bench.net.count("/v1/bootstrap/acme") > before);
  CHECK(bench.service.attestations() == 1);
}

TEST_CASE("an audit chain that went back is told, and the head seen is shown again") {
  DeviceBench bench;
  bench.service.audit_head = wire::AuditHead{7, {1}};
  claim(bench);
  for (const wire::AuditHead shown : {wire::AuditHead{6, {1}}, wire::AuditHead{7, {2}}}) {
    bench.service.audit_head = shown;
    bench.run(minutes(10));
    CHECK(bench.trouble().reason == check_in::kAuditWentBack.word());
    CHECK(bench.agent().records().get<record::AuditSeen>()->head == wire::AuditHead{7, {1}});
    const auto sent = wire::CheckInRequest::decode(bench.net.requests().back().body);
    REQUIRE(sent);
    CHECK(sent->audit_head == wire::AuditHead{7, {1}});
  }
  bench.service.audit_head = wire::AuditHead{9, {3}};
  bench.run(hours(2));
  CHECK(bench.agent().records().get<record::AuditSeen>()->head.sequence == 9);
  CHECK_FALSE(bench.disk.records().contains("trouble"));
}

TEST_CASE("a certificate for another key or another name is not taken") {
  DeviceBench bench;
  DeviceBench other(2);
  claim(other);
  const auto foreign = other.agent().records().get<record::Attested>()->result.encode();
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  bench.net.on("POST", "/v1/attest", sim::net::always(200, foreign));
  bench.run(minutes(10));
  CHECK_FALSE(bench.disk.records().contains("attested"));
  CHECK(bench.trouble().reason == "certificate-foreign");
}

TEST_CASE("no answer crashes the agent, makes it forget who it is, or stops it") {
  const char* const paths[] = {"/v1/enroll", "/v1/enroll/proof", "/v1/attest/challenge", "/v1/attest", "/v1/check-in"};
  const char* const bodies[] = {"", "{}", "[]", "{\"version\":1}", "{\"version\":99}", "\xff\xfe", "null"};
  for (const char* path : paths) {
    DeviceBench bench;
    REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
    for (const int status : {0, 100, 200, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503, 999}) {
      for (const char* body : bodies) {
        bench.net.on("POST", path, sim::net::always(status, as_bytes(body)));
        bench.agent().wake();
        for (int i = 0; i < 4; ++i) REQUIRE(bench.step());
      }
    }
    bench.service.answer_on(bench.net);
    bench.agent().wake();
    CHECK_MESSAGE(bench.run_until_checked_in(), path);
    CHECK(bench.service.devices().size() == 1);
  }
}

TEST_CASE("a damaged record is made again, and never costs the device its name") {
  for (const char* name : {"owner", "attestation-key", "identity", "tls-keys", "attested", "audit-seen", "trouble"}) {
    DeviceBench bench;
    bench.service.audit_head = wire::AuditHead{7, {1}};
    claim(bench);
    const std::string device = bench.agent().records().get<record::Identity>()->device;
    REQUIRE(bench.disk.write(name, as_bytes("{\"damaged\"")));
    bench.reboot();
    REQUIRE(bench.agent().offer_ticket(bench.service.ticket(device)));
    CHECK_MESSAGE(bench.run_until_checked_in(), name);
    CHECK(bench.agent().records().get<record::Identity>()->device == device);
  }
}

TEST_CASE("a device with a factory's pin enrols where its endorsement key is on the list, without a ticket") {
  DeviceBench bench;
  const auto ticket = *wire::ClaimTicket::decode(bench.service.ticket());
  record::Owner pinned;
  pinned.root = ticket.owner_root;
  pinned.catalog = ticket.catalog;
  pinned.services = ticket.services;
  REQUIRE(bench.disk.write(record::Owner::kName, pinned.encode()));
  bench.run(minutes(2));
  CHECK(bench.net.count("/v1/enroll") > 0);
  CHECK(bench.trouble().message.find("ticket-needed") != std::string::npos);
}

TEST_CASE("a service that asks to be left alone is left alone that long") {
  DeviceBench bench;
  claim(bench);
  bench.net.on("POST", "/v1/check-in", [](const ports::NetRequest&) -> Result<ports::NetAnswer> {
    return ports::NetAnswer{.status = 503, .body = {}, .retry_after = minutes(30)};
  });
  bench.run(minutes(6));
  bench.net.forget_requests();
  bench.run(minutes(24));
  CHECK(bench.net.requests().empty());
}

TEST_CASE("a device whose clock is at 1970 judges certificates at its time floor") {
  DeviceBench bench;
  bench.device_clock.jump_to(WallTime{0});
  claim(bench);
  REQUIRE_FALSE(bench.net.requests().empty());
  for (const auto& request : bench.net.requests()) {
    REQUIRE(request.earliest);
    CHECK(*request.earliest >= update::kBuilt);
  }
}
