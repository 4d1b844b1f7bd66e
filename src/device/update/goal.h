// What one component is to become: an image that director and image repository name with the same bytes, and that fits
// this device by everything that its signed description says. What does not is refused with its reason, and says so.
#pragma once

#include <map>

#include "device/update/repository_client.h"
#include "device/update/state.h"
#include "ports/boot.h"
#include "ports/floor.h"
#include "trust/tuf/director_targets.h"

namespace holdfast::device::update {

inline constexpr Reason kImageWithdrawn{"image-withdrawn"};
inline constexpr Reason kComponentTwice{"component-twice"};  ///< two images of one director for one component

struct Goal {
  std::string component;
  std::string image;  ///< path of the target
  Holding holding;
  std::vector<trust::update::Need> needs;
  trust::update::Image description;
  std::string place;                             ///< of its content, encoded
  bool is_consistent = false;                    ///< whether places begin with digests
  std::vector<trust::update::Need> needs_now{};  ///< of what runs in its stead
  std::optional<Holding> before{};  ///< what the repository says of the version that runs, where nobody knows the bytes
};

struct Plan {
  /// In the order of their kinds, a system, applications, settings; but in front is what runs now and needs what the
  /// plan takes away, so that it is not tried with the settings of a later version on its way back.
  std::vector<Goal> goals;
  std::vector<wire::UpdateState> refused;
};

/// What this device is.
struct Self {
  const std::string& product;
  const std::string& hardware;
  const std::vector<ports::RunningComponent>& running;
};

/// Of a client that has just been refreshed. An Error is the world's; what is wrong with an image refuses that image.
Result<Plan> make_plan(const trust::tuf::DirectorTargets& directed, RepositoryClient& client, const Self& self,
                       const State& state, ports::Slots& slots, ports::Floor& floor);

/// Whether what runs now lets this image run beside it.
bool are_met(const std::vector<trust::update::Need>& needs, const std::vector<ports::RunningComponent>& running);

/// `a/b` beside a target `a/image`, encoded, where its digest is `sha256`.
std::string place_beside(const Goal& goal, std::string_view name, const Digest256& sha256);

}  // namespace holdfast::device::update
