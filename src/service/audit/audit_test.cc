#include "service/audit/audit.h"

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "soft_device.h"

namespace holdfast::service::audit {
namespace {

using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct Change {
  std::string_view method;
  std::string path;  ///< below /v1
  std::string body;
  std::vector<std::string> actions;
};

Result<void> note(ServiceWorld& world, std::string_view chain, std::string_view subject) {
  return world.write([&](ports::Transaction& tx) {
    return append(tx, {std::string(chain), "operator:ada", "test.noted", std::string(subject), {}}, world.now());
  });
}

bool contained(ServiceWorld& world, const ports::AuditHeadRow& seen) {
  bool out = false;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(contains(tx, seen));
    return {};
  });
  return out;
}

trust::audit::Record record_of(const ports::AuditRow& row) {
  return {row.catalog, row.sequence, row.at, row.actor, row.action, row.subject, row.detail};
}

}  // namespace

TEST_CASE("each change by an operator is one transaction with its entry in it; the same again leaves none") {
  ServiceWorld world;
  REQUIRE(world.owner().allow(world.deps(), tests::good_image(), world.now()));
  SoftDevice device(world, "a");
  device.join();
  REQUIRE(device.verdict() == "healthy");
  REQUIRE(world.owner().ticket(world.deps(), {}, world.now()));
  const std::string token = world.token("ada", Scope::Own);
  const std::string serial = to_hex(world.rows<ports::CertificateRow>(kAcme).front().serial);
  const std::string ticket = world.rows<ports::ClaimTicketRow>(kAcme).front().ticket;
  const std::string at_device = cat("/catalogs/acme/devices/", device.id());
  const std::vector<Change> changes = {
      {"POST", "/operators", R"({"name":"eve","scope":"read","catalog":"acme"})", {"operator.added"}},
      {"DELETE", "/operators/eve", "", {"operator.revoked"}},
      {"POST", "/catalogs/acme/products", R"({"name":"meter"})", {"product.created"}},
      {"POST", "/catalogs/acme/device-groups", R"({"product":"meter","name":"lab"})", {"device-group.created"}},
      {"DELETE", cat("/catalogs/acme/claims/", ticket), "", {"claim.withdrawn"}},
      {"DELETE", cat("/catalogs/acme/factory-list/", to_hex(device.ek_sha256())), "", {"factory-list.removed"}},
      {"POST", cat(at_device, "/hold"), "", {"device.held"}},
      {"POST", cat(at_device, "/release-hold"), "", {"device.hold-released"}},
      {"POST", cat("/catalogs/acme/certificates/", serial, "/revoke"), R"({"reason":"lost"})", {"certificate.revoked"}},
      {"POST", "/catalogs/acme/authorities", "", {"authority.prepared", "authority.prepared"}},
  };
  for (const Change& change : changes) {
    CAPTURE(change.path);
    const auto entries = world.audited().size();
    const auto writes = world.writes();
    CHECK(world.ask(token, change.method, "/v1" + change.path, change.body).status < 300);
    CHECK(world.audited(kAcme, entries) == change.actions);
    CHECK(world.writes() == writes + 1);
    world.ask(token, change.method, "/v1" + change.path, change.body);
    CHECK(world.audited(kAcme, entries) == change.actions);
    CHECK(world.writes() == writes + 1);
  }
}

TEST_CASE("changes that may be made again are each recorded, by whom") {
  ServiceWorld world;
  SoftDevice device(world, "a");
  device.join();
  const std::string token = world.token("eve", Scope::Operate, kAcme);
  REQUIRE(world.ask(token, "POST", "/v1/catalogs/acme/products", R"({"name":"meter"})").status == 201);
  REQUIRE(world.ask(token, "POST", "/v1/catalogs/acme/device-groups", R"({"product":"meter","name":"lab"})").status ==
          201);
  const std::vector<Change> changes = {
      {"POST", "/claims", R"({"product":"gateway","device_group":"field"})", {"claim.created"}},
      {"POST", "/factory-list", std::string(64, 'b') + ",meter,lab\n", {"factory-list.added"}},
      {"POST", "/policies/default", R"({"version":1})", {"policy.set"}},
      {"POST", cat("/devices/", device.id(), "/move"), R"({"product":"meter","device_group":"lab"})", {"device.moved"}},
  };
  for (const Change& change : changes) {
    CAPTURE(change.path);
    const auto entries = world.audited().size();
    CHECK(world.ask(token, change.method, "/v1/catalogs/acme" + change.path, change.body).status < 300);
    CHECK(world.audited(kAcme, entries) == change.actions);
    CHECK(world.rows<ports::AuditRow>(kAcme).back().actor == "operator:eve");
  }
}

TEST_CASE("a transaction that fails leaves no entry, and the next one continues the chain") {
  ServiceWorld world;
  const auto entries = world.audited();
  CHECK_FALSE(world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(append(tx, {std::string(kAcme), "operator:ada", "test.noted", "", {}}, world.now()));
    return fail(Next::Rejected, kInputMalformed, "a test");
  }));
  CHECK(world.audited() == entries);
  REQUIRE(note(world, kAcme, "after"));
  CHECK(world.audited(kAcme, entries.size()) == std::vector<std::string>{"test.noted"});
}

TEST_CASE("each catalog has a chain of its own") {
  ServiceWorld world;
  world.other_owner();
  const auto here = world.audited();
  const auto there = world.audited(tests::kOther);
  REQUIRE(note(world, tests::kOther, "there"));
  CHECK(world.audited() == here);
  CHECK(world.audited(tests::kOther).size() == there.size() + 1);
}

TEST_CASE("an auditor who walks the chain comes to the signed head, and remembers it") {
  ServiceWorld world;
  const auto head = [&] {
    std::optional<trust::audit::SignedHead> out;
    world.read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(signed_head(tx, world.deps(), kAcme));
      return {};
    });
    return *out;
  };
  const auto walk = [&](std::optional<trust::audit::Remembered> last) -> Result<trust::audit::Remembered> {
    auto out = TRY(trust::audit::Walk::begin(head(), kAcme, std::move(last)));
    for (const auto& row : world.rows<ports::AuditRow>(kAcme)) TRY(out.follow(record_of(row), row.hash));
    return out.end();
  };
  const auto remembered = walk({});
  REQUIRE(remembered);
  REQUIRE(note(world, kAcme, "one more"));
  REQUIRE(walk(*remembered));

  // Whoever holds the service's keys writes another past, from the first entry on.
  Digest256 hash{};
  for (auto row : world.rows<ports::AuditRow>(kAcme)) {
    if (row.sequence == 1) row.actor = "operator:nobody";
    hash = trust::audit::hash_of(hash, record_of(row));
    row.hash = hash;
    world.update(row);
  }
  world.update(ports::AuditHeadRow{std::string(kAcme), head().head.sequence, hash});
  CHECK(walk({}));
  CHECK(fails_with(walk(*remembered), trust::audit::kChainRebuilt));
}

TEST_CASE("a head is in the chain when the chain passes through it, and not otherwise") {
  ServiceWorld world;
  const auto row = world.rows<ports::AuditRow>(kAcme).at(2);
  ports::AuditHeadRow seen{std::string(kAcme), row.sequence, row.hash};
  CHECK(contained(world, seen));
  CHECK(contained(world, {std::string(kAcme), 0, {}}));
  seen.hash.front() ^= 1;
  CHECK_FALSE(contained(world, seen));
  CHECK_FALSE(contained(world, {std::string(kAcme), 1'000, row.hash}));
  CHECK_FALSE(contained(world, {std::string(kAcme), 0, row.hash}));
  CHECK_FALSE(contained(world, {"elsewhere", row.sequence, row.hash}));
}

}  // namespace holdfast::service::audit
