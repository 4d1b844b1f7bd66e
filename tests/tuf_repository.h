// A TUF repository in tests: a holder for each role, documents that say what the test wants, signed by whom it wants.
#pragma once

#include "owner_keys.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/targets.h"

namespace holdfast {

inline constexpr std::uint8_t kRootHolder = 1;
inline constexpr std::uint8_t kTargetsHolder = 2;
inline constexpr std::uint8_t kSnapshotHolder = 3;
inline constexpr std::uint8_t kTimestampHolder = 4;

struct TufRepository {
  WallTime expires = WallTime::from_seconds(2'000'000'000);
  Blob root_document = next_root(1, {kRootHolder, kTargetsHolder, kSnapshotHolder, kTimestampHolder});
  trust::Verified<trust::tuf::Root> root =
      *trust::tuf::verify_pinned_root(root_document, trust::tuf::root_digest(root_document));

  /// A holder for each role in their order, signed by the root's holder.
  Blob next_root(std::int64_t version, std::initializer_list<std::uint8_t> holders) const {
    trust::tuf::RootDraft draft{.version = version, .expires = expires, .keys = {}, .roles = {}};
    for (const std::uint8_t number : holders) {
      draft.roles[draft.keys.size()].keys = {draft.keys.size()};
      draft.keys.push_back(holder_key(number));
    }
    return published(trust::tuf::make_root(draft), {kRootHolder});
  }

  static Blob published(Result<trust::tuf::Envelope> envelope, std::initializer_list<std::uint8_t> holders) {
    CHECK_INVARIANT(envelope);
    return trust::tuf::dump_envelope(signed_by(*std::move(envelope), holders));
  }
  /// How another document names this one.
  static trust::tuf::MetaFile meta_of(Bytes document, std::int64_t version) {
    return {version, static_cast<std::int64_t>(document.size()),
            trust::tuf::Hashes{trust::crypto::sha256(document), {}}};
  }

  Blob targets(std::int64_t version, std::map<std::string, trust::tuf::Target, std::less<>> listed = {}) const {
    trust::tuf::Targets out;
    out.header = {version, expires};
    out.targets = std::move(listed);
    return published(trust::tuf::make_targets(out), {kTargetsHolder});
  }
  Blob snapshot(std::int64_t version, std::map<std::string, trust::tuf::MetaFile, std::less<>> meta) const {
    return published(trust::tuf::make_snapshot({{version, expires}, std::move(meta)}), {kSnapshotHolder});
  }
  Blob timestamp(std::int64_t version, Bytes snapshot_document, std::int64_t snapshot_version) const {
    return published(trust::tuf::make_timestamp({{version, expires}, meta_of(snapshot_document, snapshot_version)}),
                     {kTimestampHolder});
  }

  trust::Verified<trust::tuf::Timestamp> trusted_timestamp(Bytes document) const {
    return *trust::tuf::verify_timestamp(document, root, {});
  }
  /// Under a timestamp of its own.
  trust::Verified<trust::tuf::Snapshot> trusted_snapshot(Bytes document, std::int64_t version) const {
    return *trust::tuf::verify_snapshot(document, root, trusted_timestamp(timestamp(1, document, version)), {});
  }
};

}  // namespace holdfast
