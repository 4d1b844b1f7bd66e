#include "cli/release/published.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::release {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kMemory = "published.json";
constexpr std::size_t kMemoryBytesMax = 1024 * 1024;

/// What was last published from a folder.
struct Memory {
  Digest256 timestamp_sha256{};
  std::int64_t timestamp = 0;
  std::int64_t snapshot = 0;
  std::map<std::string, std::int64_t, std::less<>> targets;  ///< by file, as the snapshot lists them
};

std::string memory_file(const owner::Folder& owner) { return cat(owner.path(), "/", kMemory); }

Result<Memory> memory_from(Bytes bytes) {
  const auto value = TRY(json::parse(bytes, {.bytes_max = kMemoryBytesMax}));
  auto fields = TRY(json::Fields::of(value, "memory"));
  Memory out;
  out.timestamp_sha256 = TRY(fields.digest256("timestamp_sha256"));
  out.timestamp = TRY(fields.integer("timestamp", 1, tuf::kVersionMax));
  out.snapshot = TRY(fields.integer("snapshot", 1, tuf::kVersionMax));
  const json::Value& targets = *TRY(fields.value("targets"));
  if (targets.object() == nullptr) {
    return fail(Next::Corrupt, kMemoryMalformed, cat("expected an object of versions, saw ", targets.kind()));
  }
  for (const auto& [name, version] : *targets.object()) {
    if (version.integer() == nullptr) {
      return fail(Next::Corrupt, kMemoryMalformed, cat("expected a version of ", printable(name)));
    }
    out.targets.emplace(name, *version.integer());
  }
  return out;
}

Result<std::optional<Memory>> memory_of(Files& files, const owner::Folder& owner) {
  const auto bytes = files.read(memory_file(owner), kMemoryBytesMax);
  if (!bytes && bytes.error().next == Next::NotFound) return std::optional<Memory>();
  if (!bytes) return std::unexpected(bytes.error());
  auto memory = memory_from(*bytes);
  if (!memory) return fail_within(printable(memory_file(owner)), std::move(memory).error());
  return std::optional(*std::move(memory));
}

std::unexpected<Error> rolled_back(std::string_view what, std::int64_t expected, std::int64_t seen) {
  return fail(Next::Rejected, kRepositoryRolledBack,
              cat("expected version ", expected, " of ", printable(what),
                  ", which was published from this folder, or a later one, saw ", seen,
                  "; bring back the newest copy of the repository"));
}

Result<void> require_not_older(const Memory& memory, const Published& now) {
  const std::int64_t timestamp = now.timestamp.header.version;
  const bool is_other = timestamp == memory.timestamp && now.timestamp_sha256 != memory.timestamp_sha256;
  if (timestamp < memory.timestamp || is_other) return rolled_back("timestamp.json", memory.timestamp, timestamp);
  if (now.snapshot.header.version < memory.snapshot) {
    return rolled_back("snapshot.json", memory.snapshot, now.snapshot.header.version);
  }
  for (const auto& [name, version] : memory.targets) {
    const auto at = now.snapshot.meta.find(name);
    const std::int64_t seen = at == now.snapshot.meta.end() ? 0 : at->second.version;
    if (seen < version) return rolled_back(name, version, seen);
  }
  return {};
}

/// The documents under one root, from the timestamp down.
class Reading {
 public:
  Reading(Files& files, const std::string& path) : files_(files), path_(path) {}

  Result<Published> run(const trust::Verified<tuf::Root>& root) {
    Published out;
    const Blob timestamp_file = TRY(read("timestamp.json", tuf::kTimestampBytesMax));
    const auto timestamp = TRY(tuf::verify_timestamp(timestamp_file, root, {}));
    const Blob snapshot_file = TRY(read(versioned(timestamp->snapshot.version, kSnapshotRole), tuf::kSnapshotBytesMax));
    const auto snapshot = TRY(tuf::verify_snapshot(snapshot_file, root, timestamp, {}));
    const auto listed = TRY(tuf::listed_in(*snapshot, kTopRole));
    const Blob targets_file = TRY(read(versioned(listed.version, kTopRole), tuf::kTargetsBytesMax));
    const auto targets = TRY(tuf::verify_targets(targets_file, root, snapshot));
    out.timestamp = *timestamp;
    out.timestamp_sha256 = trust::crypto::sha256(timestamp_file);
    out.snapshot = *snapshot;
    out.targets.emplace(kTopRole, *targets);
    for (const tuf::Delegation& one : targets->delegations) TRY(read_delegated(one.name, targets, snapshot, out));
    return out;
  }

 private:
  Result<Blob> read(const std::string& name, std::size_t bytes_max) {
    return files_.read(metadata_file(path_, name), bytes_max);
  }

  /// A maker who has signed nothing yet, or not with the keys that speak for it now, says nothing.
  Result<void> read_delegated(const std::string& role, const trust::Verified<tuf::Targets>& delegator,
                              const trust::Verified<tuf::Snapshot>& snapshot, Published& out) {
    const auto listed = tuf::listed_in(*snapshot, role);
    if (!listed) return {};
    const Blob document = TRY(read(versioned(listed->version, role), tuf::kTargetsBytesMax));
    auto targets = tuf::verify_delegated_targets(document, delegator, role, snapshot);
    if (!targets && targets.error().reason == tuf::kThresholdMissed) return {};
    if (!targets) return fail_within(printable(role), std::move(targets).error());
    out.targets.emplace(role, **targets);
    return {};
  }

  Files& files_;
  const std::string& path_;
};

}  // namespace

WallTime Published::expires() const {
  WallTime out = std::min(timestamp.header.expires, snapshot.header.expires);
  for (const auto& [role, one] : targets) out = std::min(out, one.header.expires);
  return out;
}

Result<Published> read_published(Files& files, const owner::Folder& owner, const std::string& path) {
  const auto memory = TRY(memory_of(files, owner));
  auto newest = Reading(files, path).run(owner.root());
  if (newest) {
    if (memory) TRY(require_not_older(*memory, *newest));
    return newest;
  }
  if (!memory) return newest;
  const auto timestamp = files.read(metadata_file(path, "timestamp.json"), tuf::kTimestampBytesMax);
  if (!timestamp || trust::crypto::sha256(*timestamp) != memory->timestamp_sha256) return newest;
  for (std::int64_t version = owner.root()->version - 1; version > 0; --version) {
    auto former = Reading(files, path).run(TRY(owner.root_at(version)));
    if (!former) continue;
    former->is_by_former_keys = true;
    return former;
  }
  return newest;
}

Result<bool> has_published(Files& files, const owner::Folder& owner) {
  return TRY(memory_of(files, owner)).has_value();
}

Result<void> remember(Files& files, const owner::Folder& owner, const Published& published) {
  json::Object targets;
  for (const auto& [name, meta] : published.snapshot.meta) targets.emplace_back(name, meta.version);
  const json::Value memory = json::Object{{"timestamp_sha256", to_hex(published.timestamp_sha256)},
                                          {"timestamp", published.timestamp.header.version},
                                          {"snapshot", published.snapshot.header.version},
                                          {"targets", std::move(targets)}};
  return files.write(memory_file(owner), as_bytes(json::dump_pretty(memory) + "\n"), Access::OwnerOnly);
}

}  // namespace holdfast::cli::release
