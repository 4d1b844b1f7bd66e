#include "base/text.h"
#include "service/appraise/attest.h"
#include "service/check_in/check_in.h"
#include "service/claim/enroll.h"
#include "service/claim/owner_documents.h"
#include "service/claim/release.h"
#include "service/gateway/route.h"
#include "service/identity/revocation_lists.h"
#include "trust/x509/crl.h"

namespace holdfast::service::gateway {
namespace {

constexpr ports::Counter kAttestations{
    "holdfast_attestations_total", "Attestations that were judged, by verdict.", {"verdict", ""}};

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
  const auto result = TRY(appraise::attest(request, call.deps, call.now));
  call.deps.metrics.count(kAttestations, result.verdict);
  return message(result.encode());
}

Result<Response> post_check_in(const Call& call) {
  const auto request = TRY(wire::CheckInRequest::decode(call.request.body));
  const auto& caller = std::get<DeviceCaller>(call.caller);
  return message(TRY(check_in::check_in(request, caller, call.deps, call.now)).encode());
}

Result<Response> get_release(const Call& call) {
  Blob statement;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    statement = TRY(claim::release_statement(tx, call.parameter("catalog"), call.parameter("device"), call.now));
    return {};
  }));
  return message(std::move(statement));
}

Result<Response> post_release_confirm(const Call& call) {
  const auto confirmation = TRY(wire::ReleaseConfirmation::decode(call.request.body));
  TRY(claim::confirm_release(confirmation, call.deps, call.now));
  return json_response(200, json::Object{{"released", confirmation.device}});
}

std::string pem_of(const std::vector<Blob>& lists) {
  std::string out;
  for (const Blob& list : lists) out += trust::x509::crl_to_pem(list);
  return out;
}

/// Whose lists a file's name begins with.
std::optional<ports::KeyPurpose> purpose_of(std::string_view stem) {
  if (stem == "client") return ports::KeyPurpose::ClientCa;
  if (stem == "update") return ports::KeyPurpose::UpdateCa;
  if (stem == "unattested") return ports::KeyPurpose::UnattestedCa;
  return std::nullopt;
}

/// `.crl`: the list of the authority in force. `.pem`: the lists of all that have not expired, as a file for services.
Result<Response> get_crl(const Call& call) {
  const std::string& file = call.parameter("file");
  const bool is_pem = file.ends_with(".pem");
  const auto purpose = purpose_of(std::string_view(file).substr(0, file.find('.')));
  if (!purpose || (!is_pem && !file.ends_with(".crl")) || file.find('.') + 4 != file.size()) {
    return fail(Next::NotFound, kNothingThere,
                cat("expected client, update or unattested with .crl or .pem, saw ", printable(file, 40)));
  }
  const auto lists = TRY(identity::revocation_lists(call.deps, call.parameter("catalog"), *purpose, call.now));
  Response out{.content_type = is_pem ? "application/x-pem-file" : "application/pkix-crl"};
  out.fresh_for = identity::fresh_for(lists, call.now);
  out.body = is_pem ? to_blob(as_bytes(pem_of(lists.lists))) : lists.lists.front();
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
      {Port::Device, "GET", "/v1/release/{catalog}/{device}", Admits::Anyone, Scope::Own, get_release},
      {Port::Device, "POST", "/v1/release/confirm", Admits::Anyone, Scope::Own, post_release_confirm},
      {Port::Device, "GET", "/v1/crl/{catalog}/{file}", Admits::Anyone, Scope::Own, get_crl},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway
