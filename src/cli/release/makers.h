// A part of an owner's releases that is a maker's word (flow, parties): the targets role delegates components to the
// maker's keys, terminating, so that they are the last word over these paths and no word over any other. The maker
// signs one document for all owners; each owner takes it into a repository of its own, where it says as much as that
// owner lets it. An owner's own release or withdrawal of such a component comes before the maker's.
#pragma once

#include "cli/release/repository.h"

namespace holdfast::cli::release {

inline constexpr Reason kRoleNameWrong{"role-name-wrong"};
inline constexpr Reason kNothingNewer{"nothing-newer"};
inline constexpr Reason kReleaseRewritten{"release-rewritten"};

struct MakerKeys {
  std::string role;  ///< a-z, 0-9 and hyphens; not one of TUF's own
  std::vector<trust::crypto::PublicKey> keys;
  std::int64_t threshold = 1;
  std::vector<std::string> components;  ///< all that they may speak for
};

/// The same role again gets these keys and components in place of the former. What is already signed by others is
/// worth nothing from the next publication on.
Result<void> delegate(Repository& repository, const MakerKeys& maker);
/// NotFound (kRoleUndelegated) where there is no such role.
Result<void> undelegate(Repository& repository, const std::string& role);

/// Takes the newest metadata of a role, and what it lists, from a maker's repository (where it is that of the targets
/// role) or from a copy of this one, and leaves it in the folder for the next publication. Refused: what the role's
/// keys did not sign, what has ended, what is not newer (kNothingNewer), and what changes or brings back a version that
/// was released or withdrawn (kReleaseRewritten). Returns how many versions of components it lists here.
Result<std::size_t> import_role(World& world, const owner::Folder& owner, Repository& repository,
                                const std::string& role, const std::string& from);

}  // namespace holdfast::cli::release
