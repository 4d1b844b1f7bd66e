// Deployments: a whole set of images for a device group, which reaches its devices in waves. What a device is to have
// follows from the group's deployments, how far each has come, and the device's place; nothing is written for a device
// until it asks. So a deployment to any number of devices is one row, and pausing or taking it back is one change.
#pragma once

#include "service/images/content.h"
#include "service/rollout/waves.h"
#include "trust/tuf/director_targets.h"

namespace holdfast::service::rollout {

inline constexpr Reason kDeploymentEnded{"deployment-ended"};
inline constexpr Reason kImageUnfit{"image-unfit"};
inline constexpr Reason kImagesTwice{"images-twice"};

inline constexpr std::size_t kDeploymentsLookedAt = 64;  ///< of one group, the newest
inline constexpr std::size_t kReasonBytesMax = 500;

using Images = std::map<std::string, trust::tuf::DirectedImage, std::less<>>;
Result<Images> images_of(const ports::DeploymentRow& row);
Result<std::vector<Wave>> waves_of(const ports::DeploymentRow& row);
/// Whether the waves that are open reached a device when it was created.
Result<bool> has_devices(const ports::DeploymentRow& row);

struct DeploymentOrder {
  std::string catalog;
  std::string product;
  std::string device_group;
  std::vector<std::string> images;  ///< paths of released targets: the whole set, one per component
  std::vector<Wave> waves;
  std::vector<std::int64_t> reach = {};                             ///< of reach_of()
  std::vector<trust::appraisal::ReferenceSet> reference_sets = {};  ///< of reference_values_of()
};

/// How many devices of a group each wave reaches as things are. Looks at every device, so that it is asked before the
/// transaction that deploys.
Result<std::vector<std::int64_t>> reach_of(ports::Transaction& tx, const DeploymentOrder& order);

/// What attestation is to see of its images. Reads files, so that it is asked before the transaction that deploys;
/// Conflict (images::kImageMissing) where one of them is no longer here.
Result<std::vector<trust::appraisal::ReferenceSet>> reference_values_of(ports::Transaction& tx,
                                                                        ports::ImageFiles& files,
                                                                        const DeploymentOrder& order);

/// The next deployment of a group; its first wave is open at once. Refuses what is not released, is for another
/// product, or does not go together.
Result<ports::DeploymentRow> deploy(ports::Transaction& tx, const DeploymentOrder& order, const Caller& by,
                                    WallTime now);

Result<ports::DeploymentRow> find_deployment(ports::Transaction& tx, std::string_view catalog, std::int64_t number);

/// Nobody new gets it until it is resumed.
Result<ports::DeploymentRow> pause(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                                   std::string reason, const Caller& by, WallTime now);
/// Goes on where it was; the open wave soaks from now on.
Result<ports::DeploymentRow> resume(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                                    const Caller& by, WallTime now);
/// The same by the service itself, because of what devices say.
Result<void> pause_by_gate(ports::Transaction& tx, ports::DeploymentRow row, std::string reason, WallTime now);
/// For good: devices that have it go back to what they would have without it.
Result<ports::DeploymentRow> abort(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                                   std::string reason, const Caller& by, WallTime now);

/// The same of every deployment with an image that was withdrawn.
Result<void> abort_withdrawn(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now);

/// Opens the next wave of one that has one.
Result<void> open_next_wave(ports::Transaction& tx, ports::DeploymentRow row, WallTime now);

}  // namespace holdfast::service::rollout
