// What one device is to have, as the director says it (Uptane 2.0, the director repository's targets): a subset of the
// images that the owner released, each with the length and digest that the image repository must name too. Signed by
// the director role of the catalog's trust policy, for this device alone; a version never goes back. Members that this
// version does not know are refused.
#pragma once

#include <map>

#include "trust/tuf/targets.h"
#include "trust/tuf/trust_policy.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kDirectorTargetsMalformed{"director-targets-malformed"};
inline constexpr Reason kDirectorTargetsForeign{"director-targets-foreign"};
inline constexpr Reason kDirectorTargetsRolledBack{"director-targets-rolled-back"};
inline constexpr Reason kDirectorMissing{"director-missing"};
inline constexpr Reason kImageUnreleased{"image-unreleased"};

inline constexpr std::size_t kDirectedImagesMax = 64;

struct DirectedImage {
  std::int64_t length = 0;  ///< in bytes
  Digest256 sha256{};
  friend bool operator==(const DirectedImage&, const DirectedImage&) = default;
};

using DirectedImages = std::map<std::string, DirectedImage, std::less<>>;  ///< by the path of the target; the whole set

struct DirectorTargets {
  std::string catalog;
  std::string device;
  std::int64_t version = 1;  ///< counted up for each device
  WallTime expires;
  DirectedImages images;
};

/// For `device` of the policy's catalog, not older than `version_seen` (0: none yet). Expiry is a separate question.
Result<Verified<DirectorTargets>> verify_director_targets(Bytes envelope, const Verified<TrustPolicy>& policy,
                                                          std::string_view device, std::int64_t version_seen);

/// Director and image repository name the same bytes (flow 3.2). `released`: what the image repository says of the
/// path, none where it says nothing.
Result<void> require_released(std::string_view path, const DirectedImage& directed,
                              const std::optional<Target>& released);

// Of any director's word.

Result<DirectedImages> read_directed_images(const json::Value& value);
json::Value write_directed_images(const DirectedImages& images);
std::unexpected<Error> director_targets_malformed(std::string why);

// The director's side.

/// Unsigned; refuses what verification would refuse.
Result<Envelope> make_director_targets(const DirectorTargets& targets);
/// Reads one without trusting it.
Result<DirectorTargets> read_director_targets(const Envelope& envelope);

}  // namespace holdfast::trust::tuf
