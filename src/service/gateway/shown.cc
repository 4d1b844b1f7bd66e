#include "service/gateway/shown.h"

#include "base/encoding.h"
#include "service/gateway/answers.h"
#include "trust/appraisal/verdict.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {

using ports::CatalogRow;
using ports::DeviceRow;
using trust::appraisal::Verdict;

json::Value shown_catalog(const CatalogRow& row) {
  constexpr std::string_view kStates[] = {"preparing", "ready", "left", "importing"};
  json::Value out = json::Object{{"name", row.name},
                                 {"state", kStates[static_cast<std::size_t>(row.state)]},
                                 {"name_form", row.name_form == ports::NameForm::Urn ? "urn" : "spiffe"},
                                 {"two_approvers", row.two_approvers},
                                 {"signed_policy", row.signed_policy.value_or(false)},
                                 {"created_at", to_rfc3339(row.created_at)}};
  if (!row.trust_domain.empty()) out.set("trust_domain", row.trust_domain);
  return out;
}

json::Value verdict_of(const std::optional<std::int64_t>& verdict) {
  return verdict ? json::Value(trust::appraisal::name_of(static_cast<Verdict>(*verdict))) : json::Value();
}

json::Value shown_device(const DeviceRow& row) {
  constexpr std::string_view kStates[] = {"enrolled", "held", "released"};
  const auto running = json::parse(as_bytes(row.running));
  return json::Object{{"device", row.device},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"state", kStates[static_cast<std::size_t>(row.state)]},
                      {"verdict", verdict_of(row.last_verdict)},
                      {"attested_at", time_or_null(row.last_attested_at)},
                      {"seen_at", time_or_null(row.last_seen_at)},
                      {"boot_count", row.boot_count},
                      {"running", running ? *running : json::Value()},
                      {"enrolled_at", to_rfc3339(row.enrolled_at)},
                      {"enrolments", row.enrolments},
                      {"appraisals", row.attestations},
                      {"ek_sha256", to_hex(row.ek_sha256)},
                      {"ak_sha256", to_hex(trust::crypto::sha256(row.ak_public))},
                      {"escrow", row.escrow ? json::Value(to_base64(*row.escrow)) : json::Value()}};
}

json::Value shown_certificate(const ports::CertificateRow& row) {
  return json::Object{{"serial", to_hex(row.serial)},
                      {"sha256", to_hex(row.sha256)},
                      {"device", row.device},
                      {"kind", kCertificateKinds[static_cast<std::size_t>(row.kind)]},
                      {"not_before", to_rfc3339(row.not_before)},
                      {"not_after", to_rfc3339(row.not_after)},
                      {"appraisal", row.appraisal},
                      {"state", kCertificateStates[static_cast<std::size_t>(row.state)]},
                      {"ended_at", time_or_null(row.ended_at)},
                      {"reason", row.reason}};
}

}  // namespace holdfast::service::gateway
