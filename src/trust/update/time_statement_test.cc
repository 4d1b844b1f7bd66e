#include "trust/update/time_statement.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "owner_keys.h"
#include "trust/tuf/director_targets.h"

namespace holdfast::trust::update {
namespace {

constexpr std::uint8_t kOwner = 1;
constexpr std::uint8_t kService = 5;
constexpr std::uint8_t kOther = 6;
constexpr ByteArray<kTimeNonceBytes> kNonce = {1, 2, 3};
const WallTime kExpires = *parse_rfc3339("2036-01-01T00:00:00Z");
const WallTime kNow = *parse_rfc3339("2027-03-04T05:06:07Z");

Verified<tuf::TrustPolicy> a_policy(bool has_director = true) {
  const Blob root =
      tuf::dump_envelope(signed_by(*tuf::make_root(tuf::first_root({holder_key(kOwner)}, 1, kExpires)), {kOwner}));
  tuf::TrustPolicy policy;
  policy.catalog = "acme";
  policy.services = {"https://one.example"};
  policy.service_ca = Blob{0x30, 0x00};
  policy.expires = kExpires;
  if (has_director) policy.director = tuf::Director{{tuf_key(kService)}, {{tuf_key(kService).id}, 1}};
  const Blob document = tuf::dump_envelope(signed_by(*tuf::make_trust_policy(policy), {kOwner}));
  return *tuf::verify_trust_policy(document, *tuf::verify_pinned_root(root, tuf::root_digest(root)), "acme", {});
}

Blob said(const TimeStatement& statement, std::uint8_t holder = kService) {
  return tuf::dump_envelope(signed_by(*make_time_statement(statement), {holder}));
}

TimeStatement a_statement() { return {"acme", "hf-one", kNonce, kNow}; }

}  // namespace

TEST_CASE("the time is read back as the director said it") {
  const auto read = verify_time_statement(said(a_statement()), a_policy(), "hf-one", kNonce);
  REQUIRE(read);
  CHECK((*read)->time == kNow);
}

TEST_CASE("a statement of another time, device or catalog tells nothing: a replayed one has another nonce") {
  TimeStatement other = a_statement();
  other.nonce.back() ^= 1;
  CHECK(fails_with(verify_time_statement(said(other), a_policy(), "hf-one", kNonce), kTimeStatementForeign));
  CHECK(fails_with(verify_time_statement(said(a_statement()), a_policy(), "hf-two", kNonce), kTimeStatementForeign));
  other = a_statement();
  other.catalog = "other";
  CHECK(fails_with(verify_time_statement(said(other), a_policy(), "hf-one", kNonce), kTimeStatementForeign));
}

TEST_CASE("a time that the director did not sign is refused, the owner's signature among them") {
  for (const std::uint8_t holder : {kOther, kOwner}) {
    CHECK(fails_with(verify_time_statement(said(a_statement(), holder), a_policy(), "hf-one", kNonce),
                     tuf::kThresholdMissed));
  }
}

TEST_CASE("under a trust policy without a director nobody tells the time") {
  CHECK(
      fails_with(verify_time_statement(said(a_statement()), a_policy(false), "hf-one", kNonce), tuf::kDirectorMissing));
}

TEST_CASE("what the director signs as something else is no time") {
  tuf::DirectorTargets targets;
  targets.catalog = "acme";
  targets.device = "hf-one";
  targets.expires = kExpires;
  const Blob document = tuf::dump_envelope(signed_by(*tuf::make_director_targets(targets), {kService}));
  CHECK(fails_with(verify_time_statement(document, a_policy(), "hf-one", kNonce), kTimeStatementMalformed));
}

}  // namespace holdfast::trust::update
