#include "service/gateway/answers.h"

#include "base/encoding.h"

namespace holdfast::service::gateway {

Result<json::Value> body_of(const Call& call) { return json::parse(call.request.body, {.bytes_max = 2 * 1024 * 1024}); }

Response list_response(json::Array items, std::optional<std::string> next) {
  json::Value out = json::Object{{"items", std::move(items)}};
  if (next) out.set("next", *std::move(next));
  return json_response(200, out);
}

json::Value to_json(const ports::CertificateRow& row) {
  constexpr std::string_view kKinds[] = {"client", "update", "quarantine", "unattested"};
  constexpr std::string_view kStates[] = {"valid", "superseded", "revoked"};
  return json::Object{{"serial", to_hex(row.serial)},
                      {"sha256", to_hex(row.sha256)},
                      {"device", row.device},
                      {"kind", kKinds[static_cast<std::size_t>(row.kind)]},
                      {"not_before", to_rfc3339(row.not_before)},
                      {"not_after", to_rfc3339(row.not_after)},
                      {"appraisal", row.appraisal},
                      {"state", kStates[static_cast<std::size_t>(row.state)]},
                      {"ended_at", time_or_null(row.ended_at)},
                      {"reason", row.reason}};
}

json::Value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::Value(to_rfc3339(*time)) : json::Value();
}

}  // namespace holdfast::service::gateway
