#include "device/update/trial.h"

namespace holdfast::device::update {
namespace {

TrialJudgement fall_back(bool is_image, std::string_view reason) {
  return {TrialVerdict::FallBack, {is_image, std::string(reason)}};
}

}  // namespace

TrialJudgement judge_trial(const Attempt& attempt, const TrialSeen& seen) {
  if (seen.crashes >= kCrashesMax) return fall_back(true, kCrashLoop);
  const bool is_os = attempt.holding.kind == trust::update::ImageKind::Os;
  const bool is_excused = attempt.was_unhealthy && (!is_os || seen.lacks_floor_alone);
  if (seen.is_attested && !seen.is_healthy && !is_excused) return fall_back(true, kUnhealthy);
  const bool is_running = seen.running && *seen.running == attempt.holding.version;
  if (seen.is_attested && seen.has_checked_in) {
    if (!is_running) return fall_back(true, kOtherVersion);
    // The waits between crashes grow: an attestation is sooner done than the last of them seen.
    const bool is_watched = seen.crashes > 0 && seen.lasted < kHealthWindow;
    return {is_watched ? TrialVerdict::GoOn : TrialVerdict::Keep, {}};
  }
  if (seen.kept_alone_after) {
    if (seen.lasted < *seen.kept_alone_after) return {};
    return is_running ? TrialJudgement{TrialVerdict::Keep, {}} : fall_back(true, kOtherVersion);
  }
  if (seen.lasted < kHealthWindow) return {};
  return fall_back(false, kServiceUnreached);
}

}  // namespace holdfast::device::update
