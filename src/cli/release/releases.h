// Adding a version of a component to a repository: its image, deltas to it from earlier versions, what is said of it
// for those who look after devices, and its manifest. A release says for ever what it said; its manifest alone may come
// to list more.
#pragma once

#include "cli/release/repository.h"

namespace holdfast::cli::release {

inline constexpr Reason kVersionReleased{"version-released"};
inline constexpr Reason kVersionWithdrawn{"version-withdrawn"};

struct Release {
  trust::update::Image image;  ///< its manifest is made here
  Blob content;
  std::vector<std::string> deltas_from = {};  ///< released versions of its component
  std::optional<Blob> sbom = {};
  std::optional<Blob> reference_values = {};
  std::optional<Blob> build_ids = {};
  std::optional<std::int64_t> verity_from = {};  ///< from there to its end the content is a root that Linux verifies
  std::shared_ptr<ports::Signer> floor_authority = {};  ///< null: devices' floors do not rise to it in their vaults
};

/// Where a version's file of such a kind is, before its digest comes into its name.
std::string part_path(const trust::update::Image& image, std::string_view part);
using trust::update::kBuildIdsPart;
using trust::update::kReferenceValuesPart;
using trust::update::kSbomPart;
/// The role in the name of the key that is the authority of floors (trust/update/floor_word.h).
inline constexpr std::string_view kFloorKey{"floor"};
/// The same of keys that open what devices escrow (trust/update/escrow.h).
inline constexpr std::string_view kEscrowKey{"escrow"};
inline constexpr std::size_t kPartBytesMax = 128UL * 1024 * 1024;

/// As `role`; nobody sees it before it is published. A delta that is no smaller than the image is left out. Conflict
/// where there is this version of this component with other bytes or another description (kVersionReleased), or where
/// it was withdrawn (kVersionWithdrawn); Rejected where it is a configuration that no device would read, with the line.
/// Returns its manifest.
Result<trust::update::Manifest> add(Files& files, Repository& repository, const std::string& role, Release release);

/// Withdraws a version (docs/decisions/0014-a-withdrawal-is-a-target.md): as `role`, which need not be the one that
/// released it. No version of this name is ever released again.
Result<void> withdraw(Files& files, Repository& repository, const std::string& role,
                      trust::update::Withdrawal withdrawal);

}  // namespace holdfast::cli::release
