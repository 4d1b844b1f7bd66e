#include "trust/update/withdrawal.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kLast = "withdrawn";
constexpr std::size_t kParts = 3;

}  // namespace

std::string withdrawal_path(std::string_view component, std::string_view version) {
  return cat(component, "/", version, "/", kLast);
}

std::optional<VersionName> withdrawn_at(std::string_view path) {
  const auto parts = split(path, '/');
  if (parts.size() != kParts || parts.back() != kLast) return std::nullopt;
  return VersionName{std::string(parts[0]), std::string(parts[1])};
}

Result<Withdrawal> withdrawal_from(std::string_view path, const json::Value& custom) {
  auto name = withdrawn_at(path);
  if (!name) {
    return fail(Next::Rejected, kWithdrawalMalformed,
                cat("expected a withdrawal at <component>/<version>/withdrawn, saw ", printable(path)));
  }
  auto fields = TRY(json::Fields::of(custom, "withdrawal"));
  Withdrawal out{std::move(name->component), std::move(name->version), 0, {}, {}, {}};
  out.length = TRY(fields.integer("length", 0, tuf::kLengthMax));
  out.sha256 = TRY(fields.digest256("sha256"));
  out.at = TRY(fields.time("at"));
  out.reason = TRY(fields.text("reason", kWithdrawalReasonBytesMax));
  return out;
}

Result<json::Value> to_json(const Withdrawal& withdrawal) {
  json::Value out = json::Object{{"at", to_rfc3339(withdrawal.at)},
                                 {"length", withdrawal.length},
                                 {"reason", withdrawal.reason},
                                 {"sha256", to_hex(withdrawal.sha256)}};
  TRY(withdrawal_from(withdrawal_path(withdrawal.component, withdrawal.version), out));
  return out;
}

}  // namespace holdfast::trust::update
