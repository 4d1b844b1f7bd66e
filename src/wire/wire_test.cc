#include <doctest/doctest.h>

#include "base/encoding.h"
#include "wire/bootstrap.h"
#include "wire/check_in.h"
#include "wire/claim_ticket.h"
#include "wire/enroll.h"

using namespace holdfast;
using namespace holdfast::wire;

namespace {

AttestRequest sample_attest() {
  AttestRequest out;
  out.catalog = "acme";
  out.device = "hf-0000-0000-0000-0000";
  out.nonce = {1, 2, 3};
  out.quote = {9};
  out.quote_signature = {8};
  out.pcr_values = {Digest256{1}, Digest256{2}};
  out.client_key = {{1}, {2}, {3}};
  out.update_key = {{4}, {5}, {6}};
  out.body = AttestBody{{1, 2}, {3}, {4}, 7, {{"os", "1.0", 3}}, {{"door", "2.0", 1}}}.encode();
  return out;
}

/// Every message must come back as it went in, and refuse a member that it does not know.
template <class Message>
void check_round_trip(const Message& message) {
  const Blob bytes = message.encode();
  const auto again = Message::decode(bytes);
  REQUIRE(again);
  CHECK(again->encode() == bytes);
  auto value = *json::parse(bytes);
  value.set("surprise", 1);
  CHECK(Message::decode(as_bytes(json::dump(value))).error().reason == json::kJsonShape);
  value = *json::parse(bytes);
  value.set("version", 2);
  CHECK(Message::decode(as_bytes(json::dump(value))).error().reason == kVersionUnknown);
}

}  // namespace

TEST_CASE("every message comes back as it went in and refuses what it does not know") {
  ClaimTicket ticket;
  ticket.services = {"https://127.0.0.1:8443"};
  ticket.secret = Secret(Blob(32, 7));
  ticket.catalog = "acme";
  ticket.product = "gateway";
  ticket.device_group = "field";
  ticket.expires = WallTime::from_seconds(1'795'000'000);
  ticket.device = "hf-0000-0000-0000-0000";
  check_round_trip(ticket);
  check_round_trip(Bootstrap{{{1}, {2, 3}}, {4}});
  EnrollRequest enroll;
  enroll.catalog = "acme";
  enroll.ek_certificate = Blob{1};
  enroll.ek_chain = {{2}};
  enroll.ek_public = {3};
  enroll.ak_public = {4};
  enroll.claim_secret = Secret(Blob(32, 1));
  check_round_trip(enroll);
  check_round_trip(EnrollChallenge{{1}, {2}, {3}, WallTime::from_seconds(5)});
  EnrollProof proof;
  proof.secret = Secret(Blob(32, 1));
  check_round_trip(proof);
  check_round_trip(EnrollResult{"hf-0", "acme", "gateway", "field"});
  check_round_trip(AttestChallengeRequest{"acme", "hf-0"});
  check_round_trip(AttestChallenge{{1}, WallTime::from_seconds(5)});
  check_round_trip(sample_attest());
  AttestResult result{"healthy", {{"nonce-fresh", true, "refused", "a", "b"}}, {}, {}};
  check_round_trip(result);
  result.client_certificate = IssuedCertificate{{1}, {2}};
  check_round_trip(result);
  check_round_trip(CheckInRequest{3, {{"os", "1", 0}}, 2, AuditHead{5, {1}}});
  CheckInRequest updating{3, {{"os", "1", 0}}, 2, AuditHead{5, {1}}, 4};
  updating.counts = {{"os", "1", 3, 1, 0, 0, 0}, {"door-control", "1.4.0", 9, 0, 1, 2, 3}};
  updating.updates = {{"os", "os/2/image", UpdatePhase::Waiting, "net-unreachable"}};
  updating.time_nonce = ByteArray<kTimeNonceBytes>{7};
  check_round_trip(updating);
  check_round_trip(CheckInResult{seconds(60), true, 2, {}});
  check_round_trip(CheckInResult{seconds(60), false, 2, {}, false, 3, true, Blob{1, 2}});
}

TEST_CASE("a message with a part too large is refused before it is used") {
  auto request = sample_attest();
  request.quote.resize(kTpmStructureBytesMax + 1);
  CHECK(AttestRequest::decode(request.encode()).error().reason == json::kJsonShape);
  request = sample_attest();
  request.pcr_values.resize(kPcrsQuoted + 1);
  CHECK(AttestRequest::decode(request.encode()).error().reason == json::kJsonShape);
  CHECK(AttestRequest::decode(Blob(kMessageBytesMax + 1, ' ')).error().reason == json::kJsonTooLarge);
}
