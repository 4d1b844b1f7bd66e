// The offline director's desk: says which of a repository's images devices are to have that no service reaches, signs
// it with keys that never reach one, and puts it into the repository, from where it goes with the folder or the bundle.
// Beside it goes the owner's trust policy, as it was published last, which says whose word counts. Versions are counted
// up in the owner's folder and never used twice.
#pragma once

#include "cli/release/repository.h"
#include "trust/tuf/offline_targets.h"

namespace holdfast::cli::release {

inline constexpr Reason kWordUnsigned{"word-unsigned"};  ///< the keys at hand do not reach the threshold

struct WordWanted {
  std::string catalog;
  trust::tuf::Audience audience;
  std::vector<std::string> images;  ///< paths of targets, all that the devices are to have
  Duration life{};
};

/// Returns what was signed and written.
Result<trust::tuf::OfflineTargets> direct_offline(World& world, const owner::Folder& owner,
                                                  const Repository& repository, const owner::Signers& keys,
                                                  const WordWanted& wanted);

}  // namespace holdfast::cli::release
