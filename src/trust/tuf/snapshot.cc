#include "trust/tuf/snapshot.h"

#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "snapshot";
constexpr std::string_view kFile = "snapshot.json";

Result<Snapshot> signed_snapshot(Bytes envelope, const Root& root) {
  const Envelope parsed = TRY(parse_envelope(envelope, kSnapshotBytesMax));
  TRY(require_threshold(parsed, root.keys, root.role(RoleName::Snapshot)));
  return read_snapshot(parsed);
}

Result<void> require_nothing_older(const Snapshot& before, const Snapshot& now) {
  for (const auto& [name, file] : before.meta) {
    const auto at = now.meta.find(name);
    if (at != now.meta.end() && at->second.version >= file.version) continue;
    const std::string seen = at == now.meta.end() ? std::string("none") : cat(at->second.version);
    return fail(Next::Rejected, kMetadataRolledBack,
                cat("expected version ", file.version, " or a later one of ", printable(name), ", saw ", seen));
  }
  return {};
}

}  // namespace

Result<Snapshot> read_snapshot(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  Snapshot out;
  out.header = TRY(read_header(fields, kType));
  const json::Value& meta = *TRY(fields.value("meta"));
  const json::Object* members = meta.object();
  if (members == nullptr || members->size() > kTargetsDocumentsMax) {
    return fail(Next::Rejected, kMetadataMalformed,
                cat("expected at most ", kTargetsDocumentsMax, " documents in a snapshot, saw ", meta.kind()));
  }
  for (const json::Member& member : *members) {
    if (member.name.size() > kFileNameBytesMax) {
      return fail(Next::Rejected, kMetadataMalformed,
                  cat("expected file names of at most ", kFileNameBytesMax, " bytes, saw ", member.name.size()));
    }
    out.meta.emplace(member.name, TRY(read_meta_file(member.value, member.name)));
  }
  return out;
}

Result<Verified<Snapshot>> verify_snapshot(Bytes envelope, const Verified<Root>& root,
                                           const Verified<Timestamp>& timestamp,
                                           const std::optional<Verified<Snapshot>>& trusted) {
  TRY(require_meta_file(kFile, timestamp->snapshot, envelope));
  Snapshot snapshot = TRY(signed_snapshot(envelope, *root));
  TRY(require_version(kFile, timestamp->snapshot.version, snapshot.header.version));
  if (trusted) TRY(require_nothing_older(**trusted, snapshot));
  return Verified<Snapshot>(std::move(snapshot), Proof());
}

Result<Verified<Snapshot>> verify_kept_snapshot(Bytes envelope, const Verified<Root>& root) {
  Snapshot snapshot = TRY(signed_snapshot(envelope, *root));
  return Verified<Snapshot>(std::move(snapshot), Proof());
}

Result<MetaFile> listed_in(const Snapshot& snapshot, std::string_view role) {
  const std::string file = cat(role, ".json");
  const auto at = snapshot.meta.find(file);
  if (at != snapshot.meta.end()) return at->second;
  return fail(Next::Rejected, kTargetsUnlisted,
              cat("expected ", printable(file), " in the snapshot, saw ", snapshot.meta.size(), " others"));
}

Result<Envelope> make_snapshot(const Snapshot& snapshot) {
  json::Object meta;
  for (const auto& [name, file] : snapshot.meta) meta.emplace_back(name, write_meta_file(file));
  json::Object members = write_header(snapshot.header, kType);
  members.emplace_back("meta", std::move(meta));
  Envelope envelope = TRY(make_envelope(std::move(members)));
  TRY(read_snapshot(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
