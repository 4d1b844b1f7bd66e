#include "wire/check_in.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::wire {
namespace {

constexpr std::string_view kRequest = "check-in request";
constexpr std::string_view kResult = "check-in result";
constexpr std::int64_t kSecondsMax = 30 * 86'400;
constexpr std::int64_t kCountMax = 1'000'000'000;
constexpr std::size_t kImagePathBytesMax = 256;

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

constexpr std::array<std::string_view, 5> kPhases = {"fetching", "trying", "failed", "waiting", "refused"};

Result<ImageCounts> counts_of(const json::Value& value) {
  auto members = TRY(json::Fields::of(value, "counts of an image"));
  ImageCounts out;
  out.component = TRY(members.text("component", kNameBytesMax));
  out.version = TRY(members.text("version", kNameBytesMax));
  for (auto [name, number] : {std::pair{"boots", &out.boots},
                              {"failed_boots", &out.failed_boots},
                              {"fallbacks", &out.fallbacks},
                              {"exits", &out.exits},
                              {"crashes", &out.crashes}}) {
    *number = TRY(members.integer(name, 0, kCountMax));
  }
  TRY(members.done());
  return out;
}

json::Value to_json(const ImageCounts& counts) {
  return json::Object{{"component", counts.component}, {"version", counts.version},
                      {"boots", counts.boots},         {"failed_boots", counts.failed_boots},
                      {"fallbacks", counts.fallbacks}, {"exits", counts.exits},
                      {"crashes", counts.crashes}};
}

Result<UpdateState> update_of(const json::Value& value) {
  auto members = TRY(json::Fields::of(value, "state of an update"));
  UpdateState out;
  out.component = TRY(members.text("component", kNameBytesMax));
  out.image = TRY(members.text("image", kImagePathBytesMax));
  const std::string phase = TRY(members.text("phase", kNameBytesMax));
  const auto known = std::ranges::find(kPhases, phase);
  if (known == kPhases.end()) {
    return fail(Next::Rejected, json::kJsonShape,
                cat("state of an update: expected a phase from fetching to refused, saw '", printable(phase), "'"));
  }
  out.phase = static_cast<UpdatePhase>(known - kPhases.begin());
  out.reason = TRY(members.text("reason", kUpdateReasonBytesMax));
  TRY(members.done());
  return out;
}

json::Value to_json(const UpdateState& state) {
  return json::Object{{"component", state.component},
                      {"image", state.image},
                      {"phase", name_of(state.phase)},
                      {"reason", state.reason}};
}

/// What devices of before updates do not say.
Result<void> read_updates(json::Fields& fields, CheckInRequest& out) {
  if (fields.has("director")) out.director = TRY(fields.integer("director", 0, INT64_MAX));
  if (fields.has("counts")) {
    for (const auto& one : *TRY(fields.array("counts", kCountsMax))) out.counts.push_back(TRY(counts_of(one)));
  }
  if (fields.has("updates")) {
    for (const auto& one : *TRY(fields.array("updates", kRunningMax))) out.updates.push_back(TRY(update_of(one)));
  }
  if (fields.has("time_nonce")) {
    out.time_nonce = TRY(array_from_hex<kTimeNonceBytes>(TRY(fields.text("time_nonce", 2 * kTimeNonceBytes))));
  }
  return {};
}

template <class T>
json::Array array_of(const std::vector<T>& values) {
  json::Array out;
  for (const T& one : values) out.push_back(to_json(one));
  return out;
}

}  // namespace

std::string_view name_of(UpdatePhase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

Result<CheckInRequest> CheckInRequest::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kRequest));
  auto fields = TRY(fields_of(message, kRequest));
  CheckInRequest out;
  out.boot_count = TRY(fields.integer("boot_count", 0, INT64_MAX));
  out.running = TRY(decode_running(fields));
  out.trust_policy = TRY(fields.integer("trust_policy", 0, INT64_MAX));
  out.audit_head = TRY(head_of(fields));
  TRY(read_updates(fields, out));
  TRY(fields.done());
  return out;
}

Blob CheckInRequest::encode() const {
  json::Object members{{"boot_count", boot_count},
                       {"running", encode_running(running)},
                       {"trust_policy", trust_policy},
                       {"audit_head", to_json(audit_head)}};
  if (director != 0) members.emplace_back("director", director);
  if (!counts.empty()) members.emplace_back("counts", array_of(counts));
  if (!updates.empty()) members.emplace_back("updates", array_of(updates));
  if (time_nonce) members.emplace_back("time_nonce", to_hex(*time_nonce));
  return encode_message(std::move(members));
}

Result<CheckInResult> CheckInResult::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kResult));
  auto fields = TRY(fields_of(message, kResult));
  CheckInResult out;
  out.check_in_again = seconds(TRY(fields.integer("check_in_again_s", 1, kSecondsMax)));
  out.attest_now = TRY(fields.boolean("attest_now"));
  out.trust_policy = TRY(fields.integer("trust_policy", 0, INT64_MAX));
  out.release = fields.has("release") && TRY(fields.boolean("release"));
  if (fields.has("director")) out.director = TRY(fields.integer("director", 0, INT64_MAX));
  out.update_now = fields.has("update_now") && TRY(fields.boolean("update_now"));
  if (fields.has("time")) out.time = TRY(fields.base64("time", kTimeStatementBytesMax));
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
  if (director != 0) members.emplace_back("director", director);
  if (update_now) members.emplace_back("update_now", true);
  if (time) members.emplace_back("time", to_base64(*time));
  return encode_message(std::move(members));
}

}  // namespace holdfast::wire
