#include "service/claim/tickets.h"

#include "base/encoding.h"
#include "fails_with.h"
#include "ports/store/rows/device.h"
#include "soft_device.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::claim {
namespace {

using ports::ClaimTicketRow;
using ports::DeviceRow;
using ports::ExpectedKeyRow;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  SoftDevice listed(std::string_view label) {
    SoftDevice out(*this, label);
    REQUIRE(owner().expect_key(deps(), out.ek_sha256(), now()));
    return out;
  }
  Blob ticket(std::optional<std::string> device = {}) { return *owner().ticket(deps(), std::move(device), now()); }
  Result<wire::ClaimTicket> order(const TicketOrder& wanted) {
    std::optional<wire::ClaimTicket> out;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(create_ticket(tx, deps(), wanted, tests::kAda, now()));
      return {};
    }));
    return *std::move(out);
  }
  Result<int> add_list(std::string_view csv, std::string_view catalog = kAcme) {
    int out = 0;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(add_expected_keys(tx, catalog, csv, tests::kAda, now()));
      return {};
    }));
    return out;
  }
};

std::string line_for(std::uint8_t key, std::string_view rest = ",gateway,field") {
  return to_hex(Digest256{key}).append(rest).append("\n");
}

}  // namespace

TEST_CASE("a ticket works once: of two devices that began with it the first to prove itself is in") {
  World world;
  SoftDevice one = world.listed("one");
  SoftDevice two = world.listed("two");
  const Blob ticket = world.ticket();
  const auto first = one.begin(ticket);
  const auto second = two.begin(ticket);
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(two.prove(*second));
  CHECK(fails_with(one.prove(*first), kTicketConsumed));
  CHECK_FALSE(world.find<DeviceRow>(kAcme, one.id()));
  CHECK(fails_with(one.begin(ticket), kTicketConsumed));
  CHECK(world.rows<ClaimTicketRow>(kAcme).front().consumed_by == two.id());
}

TEST_CASE("a ticket that expires or is withdrawn between challenge and proof lets nobody in") {
  World world;
  SoftDevice device = world.listed("a");
  const auto ticket = world.order({std::string(kAcme), "gateway", "field", {}, seconds(30)});
  REQUIRE(ticket);
  const auto challenge = device.begin(ticket->encode());
  REQUIRE(challenge);
  world.pass(seconds(30));
  CHECK(fails_with(device.prove(*challenge), kTicketConsumed));
  CHECK(fails_with(device.begin(ticket->encode()), kTicketExpired));

  const auto other = world.order({std::string(kAcme), "gateway", "field", {}, days(1)});
  const auto open = device.begin(other->encode());
  const std::string operate = world.token("op", Scope::Operate, kAcme);
  for (const auto& row : world.rows<ClaimTicketRow>(kAcme)) {
    CHECK(world.ask(operate, "DELETE", "/v1/catalogs/acme/claims/" + row.ticket).status == 200);
  }
  CHECK(fails_with(device.prove(*open), kTicketConsumed));
  CHECK(fails_with(device.begin(other->encode()), kTicketExpired));
  CHECK(world.rows<DeviceRow>(kAcme).empty());
}

TEST_CASE("a ticket is its device's and its catalog's alone") {
  World world;
  SoftDevice one = world.listed("one");
  SoftDevice two = world.listed("two");
  REQUIRE(one.enroll());
  CHECK(fails_with(two.begin(world.ticket(one.id())), kTicketForAnother));
  CHECK(fails_with(two.begin(*world.other_owner().ticket(world.deps(), {}, world.now())), kTicketUnknown));
  auto guessed = two.enroll_request();
  guessed.claim_secret = Secret(Blob(wire::kClaimSecretBytes, 7));
  CHECK(fails_with(begin_enrolment(guessed, world.deps(), world.now()), kTicketUnknown));
}

TEST_CASE("a ticket's secret is kept as its digest alone") {
  World world;
  const auto ticket = world.order({std::string(kAcme), "gateway", "field", {}, days(1)});
  REQUIRE(ticket);
  const auto row = world.rows<ClaimTicketRow>(kAcme).front();
  CHECK(row.secret_sha256 == trust::crypto::sha256(ticket->secret.expose()));
  CHECK(ticket->secret.size() == wire::kClaimSecretBytes);
}

TEST_CASE("a ticket that can never work is not made") {
  World world;
  const std::string acme(kAcme);
  CHECK(fails_with(world.order({acme, "gateway", "nowhere", {}, days(1)}), kNothingThere));
  CHECK(fails_with(world.order({acme, "gateway", "field", "hf-0000-0000-0000-0000", days(1)}), kNothingThere));
  CHECK(fails_with(world.order({"nowhere", "gateway", "field", {}, days(1)}), kNothingThere));
  for (const Duration life : {Duration(0), Duration(-1), Duration(kTicketLifeMax) + Duration(1)}) {
    CHECK(fails_with(world.order({acme, "gateway", "field", {}, life}), kInputMalformed));
  }
  CHECK(world.rows<ClaimTicketRow>(kAcme).empty());
}

TEST_CASE("a factory list is taken whole or not at all, and the line that is wrong is named") {
  World world;
  const auto refused_at = [&](std::string_view line, const std::string& list) {
    const auto result = world.add_list(list);
    return fails_with(result, kListMalformed) && result.error().message.starts_with(line);
  };
  const std::string good = line_for(1) + "# a comment\n\n" + line_for(2, ", gateway , field , serial 7");
  CHECK(refused_at("line 5:", good + line_for(3, ",gateway")));
  CHECK(refused_at("line 5:", good + line_for(3, ",gateway,field,a,b")));
  CHECK(refused_at("line 5:", good + line_for(3, ",gateway,nowhere")));
  CHECK(refused_at("line 5:", good + "abcd,gateway,field\n"));
  CHECK(refused_at("line 1:", "xyz,gateway,field\n" + good));
  CHECK(world.rows<ExpectedKeyRow>(kAcme).empty());
  const auto entries = world.audited();
  CHECK(world.add_list(good) == 2);
  CHECK(world.rows<ExpectedKeyRow>(kAcme).size() == 2);
  CHECK(world.audited(kAcme, entries.size()) == std::vector<std::string>{"factory-list.added"});
}

TEST_CASE("a list for a catalog that is not there leaves nothing behind, not even an entry in a chain") {
  World world;
  CHECK(fails_with(world.add_list("", "nowhere"), kNothingThere));
  CHECK(fails_with(world.add_list(line_for(1), "nowhere"), kNothingThere));
  CHECK(world.audited("nowhere").empty());
}

TEST_CASE("a list beyond its bound is refused before it is read") {
  World world;
  const Response answer = world.ask(world.token("op", Scope::Operate, kAcme), "POST", "/v1/catalogs/acme/factory-list",
                                    std::string(kListBytesMax + 1, '#'));
  CHECK(tests::reason_of(answer) == kListMalformed.word());
}

}  // namespace holdfast::service::claim
