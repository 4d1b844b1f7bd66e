#include "trust/tuf/timestamp.h"

#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "timestamp";
constexpr std::string_view kSnapshotFile = "snapshot.json";

Result<void> require_not_older(std::string_view what, std::int64_t trusted, std::int64_t seen) {
  if (seen >= trusted) return {};
  return fail(Next::Rejected, kMetadataRolledBack,
              cat("expected version ", trusted, " or a later one of ", what, ", saw ", seen));
}

}  // namespace

Result<Timestamp> read_timestamp(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  Timestamp out;
  out.header = TRY(read_header(fields, kType));
  auto meta = TRY(fields.object("meta"));
  out.snapshot = TRY(read_meta_file(*TRY(meta.value(kSnapshotFile)), kSnapshotFile));
  return out;
}

Result<Verified<Timestamp>> verify_timestamp(Bytes envelope, const Verified<Root>& root,
                                             const std::optional<Verified<Timestamp>>& trusted) {
  const Envelope parsed = TRY(parse_envelope(envelope, kTimestampBytesMax));
  TRY(require_threshold(parsed, root->keys, root->role(RoleName::Timestamp)));
  const Timestamp timestamp = TRY(read_timestamp(parsed));
  if (trusted) {
    const Timestamp& before = **trusted;
    TRY(require_not_older(kType, before.header.version, timestamp.header.version));
    if (timestamp.header.version == before.header.version) return *trusted;
    TRY(require_not_older(kSnapshotFile, before.snapshot.version, timestamp.snapshot.version));
  }
  return Verified<Timestamp>(timestamp, Proof());
}

Result<Envelope> make_timestamp(const Timestamp& timestamp) {
  json::Object members = write_header(timestamp.header, kType);
  members.emplace_back("meta", json::Object{{kSnapshotFile, write_meta_file(timestamp.snapshot)}});
  Envelope envelope = TRY(make_envelope(std::move(members)));
  TRY(read_timestamp(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
