#include "base/encoding.h"
#include "base/text.h"
#include "trust/appraisal/quote_checks.h"
#include "trust/x509/request.h"

namespace holdfast::trust::appraisal {
namespace {

/// The key's public area where it is certified.
std::optional<tpm::PublicArea> judge_certified(Check check, const CertifiedKeyEvidence& key,
                                               const tpm::PublicArea& attestation_key, const Digest256& qualifying,
                                               Report& report) {
  auto area = tpm::parse_public_area(key.public_area);
  if (!area) {
    report.failed(check, area.error());
    return {};
  }
  if (const auto fit = tpm::require_tls_key(*area); !fit) {
    report.failed(check, fit.error());
    return {};
  }
  const auto certified = tpm::verify_certify(attestation_key, key.attest, key.signature, qualifying);
  if (!certified) {
    report.failed(check, certified.error());
    return {};
  }
  const Blob name = tpm::name_of(*area);
  if (!equal((*certified)->name, name)) {
    report.failed(check, cat("a certification of the key named ", to_hex(name)),
                  cat("one of ", to_hex((*certified)->name)));
    return {};
  }
  report.passed(check, cat("the key named ", to_hex(name)));
  return *std::move(area);
}

/// The key's SubjectPublicKeyInfo where the request is for it.
std::optional<Blob> judge_request(std::string_view which, const std::optional<tpm::PublicArea>& area, Bytes request,
                                  Report& report) {
  if (!area) {
    report.not_judged(Check::RequestMatchesKey, cat("not judged: the ", which, " key is not certified"));
    return {};
  }
  const auto parsed = x509::parse_request(request);
  if (!parsed) {
    report.failed(Check::RequestMatchesKey, parsed.error());
    return {};
  }
  Blob spki = area->key.spki();
  if (parsed->key.spki() != spki) {
    report.failed(Check::RequestMatchesKey, cat("a request for the certified ", which, " key"), "one for another key");
    return {};
  }
  report.passed(Check::RequestMatchesKey, cat("a request for the certified ", which, " key"));
  return spki;
}

}  // namespace

CertifiedKeys judge_keys(const Evidence& evidence, const tpm::PublicArea& attestation_key, const Digest256& qualifying,
                         Report& report) {
  const auto client =
      judge_certified(Check::ClientKeyCertified, evidence.client_key, attestation_key, qualifying, report);
  auto update = judge_certified(Check::UpdateKeyCertified, evidence.update_key, attestation_key, qualifying, report);
  // One key under both certificates would let the update certificate's life extend what the client key proves.
  if (client && update && client->bytes == update->bytes) {
    report.failed(Check::UpdateKeyCertified, "an update key of its own", "the client key");
    update.reset();
  }
  return {judge_request("client", client, evidence.client_key.request, report),
          judge_request("update", update, evidence.update_key.request, report)};
}

}  // namespace holdfast::trust::appraisal
