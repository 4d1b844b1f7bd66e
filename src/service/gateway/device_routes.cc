#include "base/text.h"
#include "service/appraise/attest.h"
#include "service/check_in/check_in.h"
#include "service/claim/enroll.h"
#include "service/claim/owner_documents.h"
#include "service/gateway/route.h"
#include "service/identity/authorities.h"

namespace holdfast::service::gateway {
namespace {

Response message(Blob body) { return {.body = std::move(body)}; }

Result<Response> get_bootstrap(const Call& call) {
  wire::Bootstrap out;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out = TRY(claim::bootstrap(tx, call.parameter("catalog")));
    return {};
  }));
  return message(out.encode());
}

Result<Response> post_enroll(const Call& call) {
  const auto request = TRY(wire::EnrollRequest::decode(call.request.body));
  return message(TRY(claim::begin_enrolment(request, call.deps, call.now)).encode());
}

Result<Response> post_enroll_proof(const Call& call) {
  const auto proof = TRY(wire::EnrollProof::decode(call.request.body));
  return message(TRY(claim::finish_enrolment(proof, call.deps, call.now)).encode());
}

Result<Response> post_attest_challenge(const Call& call) {
  const auto request = TRY(wire::AttestChallengeRequest::decode(call.request.body));
  return message(TRY(appraise::challenge(request, call.deps, call.now)).encode());
}

Result<Response> post_attest(const Call& call) {
  const auto request = TRY(wire::AttestRequest::decode(call.request.body));
  return message(TRY(appraise::attest(request, call.deps, call.now)).encode());
}

Result<Response> post_check_in(const Call& call) {
  const auto request = TRY(wire::CheckInRequest::decode(call.request.body));
  const auto& caller = std::get<DeviceCaller>(call.caller);
  return message(TRY(check_in::check_in(request, caller, call.deps, call.now)).encode());
}

Result<Response> get_crl(const Call& call) {
  const std::string& file = call.parameter("file");
  if (file != "client.crl" && file != "update.crl") {
    return fail(Next::NotFound, kNothingThere, cat("expected client.crl or update.crl, saw ", printable(file, 40)));
  }
  const auto purpose = file == "client.crl" ? ports::KeyPurpose::ClientCa : ports::KeyPurpose::UpdateCa;
  Response out{.content_type = "application/pkix-crl"};
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out.body = TRY(identity::make_crl(tx, call.deps, call.parameter("catalog"), purpose, call.now));
    return {};
  }));
  return out;
}

}  // namespace

const std::vector<Route>& device_routes() {
  static const std::vector<Route> kRoutes = {
      {Port::Device, "GET", "/v1/bootstrap/{catalog}", Admits::Anyone, Scope::Own, get_bootstrap},
      {Port::Device, "POST", "/v1/enroll", Admits::Anyone, Scope::Own, post_enroll},
      {Port::Device, "POST", "/v1/enroll/proof", Admits::Anyone, Scope::Own, post_enroll_proof},
      {Port::Device, "POST", "/v1/attest/challenge", Admits::Anyone, Scope::Own, post_attest_challenge},
      {Port::Device, "POST", "/v1/attest", Admits::Anyone, Scope::Own, post_attest},
      {Port::Device, "POST", "/v1/check-in", Admits::Device, Scope::Own, post_check_in},
      {Port::Device, "GET", "/v1/crl/{catalog}/{file}", Admits::Anyone, Scope::Own, get_crl},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
