#include "service/access/access.h"

#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/audit.h"
#include "service/startup/startup.h"
#include "service_world.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::access {
namespace {

using ports::OperatorRow;
using ports::OwnerLinkRow;
using tests::kAcme;
using tests::ServiceWorld;

struct World : ServiceWorld {
  Result<std::string> add(const NewOperator& person) {
    std::string out;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(add_operator(tx, deps(), person, tests::kAda, now()));
      return {};
    }));
    return out;
  }
  Result<OperatorCaller> who(std::string_view token) {
    std::optional<OperatorCaller> out;
    TRY(store().read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(authenticate(tx, cat("Bearer ", token), now()));
      return {};
    }));
    return *out;
  }
  Result<std::string> redeem(std::string_view secret, std::string name = "ada") {
    std::string out;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(redeem_owner_link(tx, deps(), secret, name, now()));
      return {};
    }));
    return out;
  }
  std::string link() {
    const auto secret = startup::owner_link(deps(), now());
    REQUIRE(secret);
    REQUIRE(*secret);
    return **secret;
  }
};

}  // namespace

TEST_CASE("a token says who, how far and where; it is kept as a digest and appears in no record") {
  World world;
  const auto token = world.add({"eve@acme", std::string(kAcme), Scope::Operate, {}});
  REQUIRE(token);
  CHECK(token->starts_with(kTokenPrefix));
  const auto caller = world.who(*token);
  REQUIRE(caller);
  CHECK(caller->name == "eve@acme");
  CHECK(caller->catalog == kAcme);
  CHECK(caller->scope == Scope::Operate);
  const auto row = world.find<OperatorRow>("eve@acme");
  REQUIRE(row);
  CHECK(row->token_sha256 == trust::crypto::sha256(as_bytes(*token)));
  const std::string_view secret = std::string_view(*token).substr(kTokenPrefix.size());
  for (const std::string* text : {&row->name, &row->catalog, &row->scope, &row->created_by}) {
    CHECK(text->find(secret) == std::string::npos);
  }
  for (const auto& entry : world.rows<ports::AuditRow>()) CHECK(entry.detail.find(secret) == std::string::npos);
}

TEST_CASE("a token ends at its time to the millisecond, and at once when it is revoked") {
  World world;
  const auto token = world.add({"eve", "", Scope::Read, world.now() + hours(1)});
  world.pass(hours(1) - Duration(1));
  CHECK(world.who(*token));
  world.pass(Duration(1));
  CHECK(fails_with(world.who(*token), kCallerUnknown));
  const auto other = world.add({"mallory", "", Scope::Read, {}});
  const auto before = world.audited("").size();
  for (int times = 0; times < 2; ++times) {
    REQUIRE(
        world.write([&](ports::Transaction& tx) { return revoke_operator(tx, "mallory", tests::kAda, world.now()); }));
  }
  CHECK(fails_with(world.who(*other), kCallerUnknown));
  CHECK(world.audited("", before) == std::vector<std::string>{"operator.revoked"});
  CHECK(fails_with(
      world.write([&](ports::Transaction& tx) { return revoke_operator(tx, "nobody", tests::kAda, world.now()); }),
      kNothingThere));
}

TEST_CASE("a name is taken once and for ever, so that no second person can approve as the first") {
  World world;
  REQUIRE(world.add({"eve", "", Scope::Read, {}}));
  CHECK(fails_with(world.add({"eve", "", Scope::Own, {}}), kAlreadyThere));
  REQUIRE(world.write([&](ports::Transaction& tx) { return revoke_operator(tx, "eve", tests::kAda, world.now()); }));
  CHECK(fails_with(world.add({"eve", "", Scope::Own, {}}), kAlreadyThere));
  for (const std::string_view name : {"", "Eve", "eve smith", "eve\n", "eve:own", "\xC3\xA9ve"}) {
    CHECK(fails_with(world.add({std::string(name), "", Scope::Read, {}}), kNameMalformed));
  }
  CHECK(fails_with(world.add({std::string(65, 'e'), "", Scope::Read, {}}), kNameMalformed));
}

TEST_CASE("an operator of a catalog that is not there is refused, and leaves no entry in a chain to come") {
  World world;
  CHECK(fails_with(world.add({"eve", "tomorrow", Scope::Own, {}}), kNothingThere));
  CHECK(world.audited("tomorrow").empty());
}

TEST_CASE("scopes include those before, and there are three") {
  for (const Scope scope : {Scope::Read, Scope::Operate, Scope::Own}) CHECK(parse_scope(name_of(scope)) == scope);
  for (const std::string_view word : {"", "admin", "Own", "own "}) {
    CHECK(fails_with(parse_scope(word), kInputMalformed));
  }
}

TEST_CASE("an owner link works once, and is kept as a digest") {
  World world;
  const std::string secret = world.link();
  REQUIRE(world.find<OwnerLinkRow>(trust::crypto::sha256(as_bytes(secret))));
  CHECK(fails_with(world.redeem("another"), kCallerUnknown));
  const auto token = world.redeem(secret);
  REQUIRE(token);
  const auto caller = world.who(*token);
  REQUIRE(caller);
  CHECK(caller->scope == Scope::Own);
  CHECK(caller->catalog.empty());
  CHECK(fails_with(world.redeem(secret, "eve"), kOwnerLinkSpent));
  CHECK_FALSE(world.find<OperatorRow>("eve"));
}

TEST_CASE("an owner link ends after a week") {
  World world;
  const std::string secret = world.link();
  world.pass(kOwnerLinkLife);
  CHECK(fails_with(world.redeem(secret), kOwnerLinkSpent));
}

TEST_CASE("the links of earlier starts end when the first of them is used") {
  World world;
  const std::string first = world.link();
  const std::string second = world.link();
  CHECK(first != second);
  REQUIRE(world.redeem(second));
  CHECK(fails_with(world.redeem(first, "eve"), kOwnerLinkSpent));
  CHECK(world.rows<OperatorRow>().size() == 1);
  const auto none = startup::owner_link(world.deps(), world.now());
  REQUIRE(none);
  CHECK_FALSE(*none);
}

TEST_CASE("of two who use the link at the same moment one becomes the owner") {
  World world;
  const std::string secret = world.link();
  std::optional<Result<std::string>> other;
  world.before_next_write([&] { other = world.redeem(secret, "first"); });
  CHECK(fails_with(world.redeem(secret, "second"), kOwnerLinkSpent));
  REQUIRE(other);
  CHECK(*other);
}

TEST_CASE("a link is not spent by a name that is refused") {
  World world;
  const std::string secret = world.link();
  CHECK(fails_with(world.redeem(secret, "Not A Name"), kNameMalformed));
  CHECK(world.redeem(secret));
}

}  // namespace holdfast::service::access
