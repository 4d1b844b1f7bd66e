// What an image repository says now, verified from the owner's root down, and what this owner's folder remembers of it:
// the versions that were last published from here. A repository that says less was taken back by somebody who can write
// to it, and is refused. Behind a change of keys the metadata is still signed by the former ones; it is believed if it
// is, byte for byte, what was published from here.
#pragma once

#include "cli/owner/folder.h"
#include "cli/release/layout.h"

namespace holdfast::cli::release {

inline constexpr Reason kRepositoryRolledBack{"repository-rolled-back"};
inline constexpr Reason kMemoryMalformed{"memory-malformed"};

struct Published {
  trust::tuf::Timestamp timestamp;  ///< version 0: nothing is published yet
  Digest256 timestamp_sha256{};
  trust::tuf::Snapshot snapshot;
  std::map<std::string, trust::tuf::Targets, std::less<>> targets;  ///< by role, as far as it is signed as it must be
  bool is_by_former_keys = false;

  /// When the first part of it ends.
  WallTime expires() const;
};

/// Whether it has ended is a separate question.
Result<Published> read_published(Files& files, const owner::Folder& owner, const std::string& path);

/// Whether anything was ever published from the folder.
Result<bool> has_published(Files& files, const owner::Folder& owner);
Result<void> remember(Files& files, const owner::Folder& owner, const Published& published);

}  // namespace holdfast::cli::release
