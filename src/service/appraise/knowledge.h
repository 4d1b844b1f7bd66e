// What the service knows about a device when it judges its evidence: the policy in force for its group, the reference
// sets that it may run, and what its attestation key showed before.
#pragma once

#include "ports/store/rows/attestation.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"
#include "service/appraise/documents.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/appraisal/appraise.h"
#include "wire/attest.h"

namespace holdfast::service::appraise {

inline constexpr Reason kDeviceUnknown{"device-unknown"};
inline constexpr std::size_t kAllowedSetsMax = 64;
inline constexpr std::string_view kDefaultPolicy = "default";

struct Knowledge {
  ports::CatalogRow catalog;
  ports::DeviceRow device;
  std::string policy_name;
  Documents::Policy policy;
  std::vector<Documents::Set> allowed;     ///< by hand, and by deployments
  std::vector<std::string> optional = {};  ///< components that may be absent because a deployment is under way
  Documents::Names withdrawn = {};         ///< by the owner; null: nothing was
};

/// Denied (kDeviceUnknown) for a device that is not enrolled here.
Result<Knowledge> know(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device);

/// The newest approved version of a policy; the built-in default where nobody wrote one.
/// A device's recorded floors, none of them lower than what it told of a component that was measured; never above what
/// was, so that no device's word shuts it out.
Result<std::string> floor_raised(const std::string& recorded, const std::vector<wire::LaidFloor>& told,
                                 const std::vector<trust::appraisal::MatchedImage>& images);

Result<Documents::Policy> policy_in_force(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                          std::string_view name);

/// The sets that a group's devices may run: the group's own and the product's baselines. Withdrawn ones are among them,
/// so that a device that runs one is told so; the policy's list names them.
Result<std::vector<Documents::Set>> allowed_sets(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                                 std::string_view product, std::string_view device_group);

/// A stored request taken apart, with everything that an Evidence borrows.
struct Shown {
  wire::AttestRequest request;
  wire::AttestBody body;
  trust::appraisal::Evidence evidence() const;
};

Result<Shown> shown_of(const ports::EvidenceRow& row);

/// The judgement itself: no store, no clock.
Result<trust::appraisal::Appraisal> judge(const Shown& shown, const Knowledge& knowledge, Bytes ak_public,
                                          const trust::appraisal::Policy& policy, trust::appraisal::Freshness freshness,
                                          const std::optional<trust::tpm::ClockInfo>& last_clock);

/// The same under several policies, of the device's newest evidence as stored with its verdict.
Result<std::vector<trust::appraisal::Appraisal>> judge_again(const Shown& shown, const Knowledge& knowledge,
                                                             Bytes ak_public,
                                                             std::span<const trust::appraisal::Policy* const> policies,
                                                             const std::optional<trust::tpm::ClockInfo>& last_clock);

std::optional<trust::tpm::ClockInfo> clock_of(const std::optional<std::int64_t>& clock_ms,
                                              const std::optional<std::int64_t>& reset_count,
                                              const std::optional<std::int64_t>& restart_count);

}  // namespace holdfast::service::appraise
