#include "wire/check_in.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {

constexpr std::string_view kRequest = "check-in request";
constexpr std::string_view kResult = "check-in result";
constexpr std::int64_t kSecondsMax = 30 * 86'400;

Result<std::optional<AuditHead>> head_of(json::Fields& fields) {
  if (!fields.has("audit_head")) {
    fields.ignore("audit_head");
    return std::optional<AuditHead>();
  }
  auto members = TRY(fields.object("audit_head"));
  AuditHead out;
  out.sequence = TRY(members.integer("sequence", 0, INT64_MAX));
  out.hash = TRY(members.digest256("hash"));
  TRY(members.done());
  return std::optional<AuditHead>(out);
}

json::Value to_json(const std::optional<AuditHead>& head) {
  if (!head) return {};
  return json::Object{{"sequence", head->sequence}, {"hash", to_hex(head->hash)}};
}

}  // namespace

Result<CheckInRequest> CheckInRequest::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kRequest));
  auto fields = TRY(fields_of(message, kRequest));
  CheckInRequest out;
  out.boot_count = TRY(fields.integer("boot_count", 0, INT64_MAX));
  out.running = TRY(decode_running(fields));
  out.trust_policy = TRY(fields.integer("trust_policy", 0, INT64_MAX));
  out.audit_head = TRY(head_of(fields));
  TRY(fields.done());
  return out;
}

Blob CheckInRequest::encode() const {
  return encode_message({{"boot_count", boot_count},
                         {"running", encode_running(running)},
                         {"trust_policy", trust_policy},
                         {"audit_head", to_json(audit_head)}});
}

Result<CheckInResult> CheckInResult::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kResult));
  auto fields = TRY(fields_of(message, kResult));
  CheckInResult out;
  out.check_in_again = seconds(TRY(fields.integer("check_in_again_s", 1, kSecondsMax)));
  out.attest_now = TRY(fields.boolean("attest_now"));
  out.trust_policy = TRY(fields.integer("trust_policy", 0, INT64_MAX));
  out.release = fields.has("release") && TRY(fields.boolean("release"));
  out.audit_head = TRY(head_of(fields));
  TRY(fields.done());
  return out;
}

Blob CheckInResult::encode() const {
  json::Object members{{"check_in_again_s", std::int64_t{std::chrono::duration_cast<seconds>(check_in_again).count()}},
                       {"attest_now", attest_now},
                       {"trust_policy", trust_policy},
                       {"audit_head", to_json(audit_head)}};
  if (release) members.emplace_back("release", true);
  return encode_message(std::move(members));
}

}  // namespace holdfast::wire
