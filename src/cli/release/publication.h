// Publishing what was changed in a repository: each role signs with its keys in the folder. Where those are fewer than
// its threshold, what was made waits in the folder as `<role>.draft.json`, for the next holder (`holdfast release
// sign`) and then for the next publish; nothing of it is seen before. When all have signed, the timestamp is written
// last and everything else under names of its own, so that a folder which is copied or cut off in between still says
// what it said. Whatever a role's keys in the folder can sign is signed anew, with a new end.
#pragma once

#include "cli/release/repository.h"

namespace holdfast::cli::release {

inline constexpr Reason kRepositoryThere{"repository-there"};
inline constexpr Reason kRepositoryUnsigned{"repository-unsigned"};

enum class Progress {
  Published,
  Waits,  ///< for signatures
  Made,   ///< a maker's metadata has all its signatures; the owner takes it (import.h)
};

struct Outcome {
  Progress progress = Progress::Published;
  std::string next = {};  ///< where it waits: for what, and what to do
};

/// As `role`, whose metadata is signed anew; with an empty one only what has changed is. Denied (kRepositoryUnsigned)
/// where no key in the folder could sign any of it.
Result<Outcome> publish(World& world, const owner::Folder& owner, owner::Signers keys, Repository& repository,
                        const std::string& role, Duration life);

/// Makes an empty one with the owner's roots. Conflict where there is one, or where there was one.
Result<Outcome> make_repository(World& world, const owner::Folder& owner, const std::string& path, Duration life);

}  // namespace holdfast::cli::release
