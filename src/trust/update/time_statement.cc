#include "trust/update/time_statement.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/tuf/device_release.h"
#include "trust/tuf/director_targets.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kType = "time-statement";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTypeBytesMax = 48;

}  // namespace

Result<TimeStatement> read_time_statement(const tuf::Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kTypeBytesMax));
  if (type != kType) {
    return fail(Next::Rejected, kTimeStatementMalformed,
                cat("expected a document of type ", kType, ", saw ", printable(type)));
  }
  TRY(fields.integer("format", kFormat, kFormat));
  TimeStatement out;
  out.catalog = TRY(fields.text("catalog", tuf::kCatalogBytesMax));
  out.device = TRY(fields.text("device", tuf::kDeviceBytesMax));
  out.nonce = TRY(array_from_hex<kTimeNonceBytes>(TRY(fields.text("nonce", 2 * kTimeNonceBytes))));
  out.time = TRY(fields.time("time"));
  TRY(fields.done());
  return out;
}

Result<Verified<TimeStatement>> verify_time_statement(Bytes envelope, const Verified<tuf::TrustPolicy>& policy,
                                                      std::string_view device,
                                                      const ByteArray<kTimeNonceBytes>& nonce) {
  if (!policy->director) {
    return fail(Next::Denied, tuf::kDirectorMissing, "expected a trust policy that names a director, saw one without");
  }
  const tuf::Envelope parsed = TRY(tuf::parse_envelope(envelope));
  TRY(tuf::require_threshold(parsed, policy->director->keys, policy->director->role));
  TimeStatement statement = TRY(read_time_statement(parsed));
  const bool is_ours = statement.catalog == policy->catalog && statement.device == device && statement.nonce == nonce;
  if (is_ours) return Verified<TimeStatement>(std::move(statement), Proof());
  return fail(Next::Rejected, kTimeStatementForeign,
              cat("expected the time for ", printable(device), " in ", printable(policy->catalog), " over ",
                  to_hex(nonce), ", saw it for ", printable(statement.device), " in ", printable(statement.catalog),
                  " over ", to_hex(statement.nonce)));
}

Result<tuf::Envelope> make_time_statement(const TimeStatement& statement) {
  tuf::Envelope envelope = TRY(tuf::make_envelope(json::Object{{"_type", kType},
                                                               {"format", kFormat},
                                                               {"catalog", statement.catalog},
                                                               {"device", statement.device},
                                                               {"nonce", to_hex(statement.nonce)},
                                                               {"time", to_rfc3339(statement.time)}}));
  TRY(read_time_statement(envelope));
  return envelope;
}

}  // namespace holdfast::trust::update
