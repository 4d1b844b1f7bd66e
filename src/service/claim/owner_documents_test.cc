#include "service/claim/owner_documents.h"

#include <doctest/doctest.h>

#include "owner_keys.h"
#include "sim/store/memory_store.h"

namespace holdfast::service::claim {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kCatalog = "acme-meters";
const WallTime kNow = *parse_rfc3339("2026-01-01T00:00:00Z");
const WallTime kExpires = *parse_rfc3339("2036-01-01T00:00:00Z");

Blob root(std::int64_t version, std::uint8_t holder, std::initializer_list<std::uint8_t> signers) {
  auto draft = tuf::first_root({holder_key(holder)}, 1, kExpires);
  draft.version = version;
  return tuf::dump_envelope(signed_by(*tuf::make_root(draft), signers));
}

Blob trust_policy(std::int64_t version, std::uint8_t signer) {
  tuf::TrustPolicy out;
  out.version = version;
  out.catalog = kCatalog;
  out.services = {"https://one.example:8443"};
  out.service_ca = Blob{0x30, 0x00};
  out.expires = kExpires;
  return tuf::dump_envelope(signed_by(*tuf::make_trust_policy(out), {signer}));
}

struct Catalog {
  sim::store::MemoryStore store;

  Result<void> add(Result<void> (*what)(ports::Transaction&, std::string_view, Bytes, const Caller&, WallTime),
                   const Blob& document) {
    return store.write([&](ports::Transaction& tx) { return what(tx, kCatalog, document, OperatorCaller{}, kNow); });
  }
};

}  // namespace

TEST_CASE("after a change of the owner's keys the next trust policy is taken from the new ones, and only from them") {
  Catalog catalog;
  REQUIRE(catalog.add(add_root, root(1, 1, {1})));
  REQUIRE(catalog.add(add_trust_policy, trust_policy(1, 1)));
  REQUIRE(catalog.add(add_root, root(2, 2, {1, 2})));
  const auto by_old_key = catalog.add(add_trust_policy, trust_policy(2, 1));
  REQUIRE_FALSE(by_old_key);
  CHECK(by_old_key.error().reason == tuf::kThresholdMissed);
  CHECK(catalog.add(add_trust_policy, trust_policy(2, 2)));
}

TEST_CASE("between a change of the owner's keys and the next trust policy the one before stays in force") {
  Catalog catalog;
  REQUIRE(catalog.add(add_root, root(1, 1, {1})));
  REQUIRE(catalog.add(add_trust_policy, trust_policy(1, 1)));
  REQUIRE(catalog.add(add_root, root(2, 2, {1, 2})));
  const auto roots_told = [&] {
    std::size_t told = 0;
    CHECK(catalog.store.read([&](ports::Transaction& tx) -> Result<void> {
      const wire::Bootstrap bootstrap = TRY(claim::bootstrap(tx, kCatalog));
      const auto last = TRY(tuf::verify_root_chain(bootstrap.root_chain, tuf::root_digest(bootstrap.root_chain[0])));
      TRY(tuf::verify_trust_policy(bootstrap.trust_policy, last, kCatalog, {}));
      TRY(tpm_roots_of(tx, kCatalog));
      told = bootstrap.root_chain.size();
      return {};
    }));
    return told;
  };
  CHECK(roots_told() == 1);
  REQUIRE(catalog.add(add_trust_policy, trust_policy(2, 2)));
  CHECK(roots_told() == 2);
}

TEST_CASE("a change of the owner's keys does not let the trust policy go back") {
  Catalog catalog;
  REQUIRE(catalog.add(add_root, root(1, 1, {1})));
  REQUIRE(catalog.add(add_trust_policy, trust_policy(3, 1)));
  REQUIRE(catalog.add(add_root, root(2, 2, {1, 2})));
  const auto older = catalog.add(add_trust_policy, trust_policy(2, 2));
  REQUIRE_FALSE(older);
  CHECK(older.error().reason == tuf::kTrustPolicyRolledBack);
}

}  // namespace holdfast::service::claim
