#include "service/gateway/shown.h"

#include "base/encoding.h"
#include "service/gateway/answers.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::service::gateway {

using ports::CatalogRow;
using ports::DeviceRow;
using trust::appraisal::Verdict;

json::Value shown_catalog(const CatalogRow& row) {
  json::Value out = json::Object{{"name", row.name},
                                 {"state", row.state == ports::CatalogState::Ready ? "ready" : "preparing"},
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
  const auto running = json::parse(as_bytes(row.running));
  return json::Object{{"device", row.device},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"state", row.state == ports::DeviceState::Held ? "held" : "enrolled"},
                      {"verdict", verdict_of(row.last_verdict)},
                      {"attested_at", time_or_null(row.last_attested_at)},
                      {"seen_at", time_or_null(row.last_seen_at)},
                      {"boot_count", row.boot_count},
                      {"running", running ? *running : json::Value()},
                      {"enrolled_at", to_rfc3339(row.enrolled_at)},
                      {"enrolments", row.enrolments},
                      {"appraisals", row.attestations},
                      {"ek_sha256", to_hex(row.ek_sha256)}};
}

}  // namespace holdfast::service::gateway
