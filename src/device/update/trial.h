// Whether an image that is being tried is kept (flow 3.6): a pure judgement of what was seen. The image is kept when
// the device was attested healthy with it, says that it runs, and has reached the service, all since the trial began
// and within the health window; one that crashed meanwhile is watched until the window ends. What starts in place need
// not be healthy where the device was not before: an operating system that is too old is no fault of an application.
// Nor is a floor that the vault lost one of an operating system, which is what lays it again.
// Where the owner lets what was carried to a device be kept alone, it is when it ran for as long as the owner says.
// What the image did wrong is told apart from what the world did.
#pragma once

#include "device/update/state.h"
#include "ports/boot.h"

namespace holdfast::device::update {

inline constexpr Duration kHealthWindow = minutes(10);
inline constexpr int kTriesMax = 3;    ///< trials of one image that end without a word, before it is blamed
inline constexpr int kCrashesMax = 3;  ///< of an application during its trial

// Why an image fell back, or waits.
inline constexpr std::string_view kNoBoot{"no-boot"};              ///< it was started, and never said that it is up
inline constexpr std::string_view kTrialEnded{"trial-ended"};      ///< it was up, and went without a word
inline constexpr std::string_view kUnhealthy{"unhealthy"};         ///< attested, and not healthy
inline constexpr std::string_view kOtherVersion{"other-version"};  ///< something else says that it runs
inline constexpr std::string_view kCrashLoop{"crash-loop"};
inline constexpr std::string_view kServiceUnreached{"service-unreached"};

/// What the agent saw since the trial began.
struct TrialSeen {
  bool is_attested = false;
  bool is_healthy = false;         ///< by the last of those attestations
  bool lacks_floor_alone = false;  ///< not healthy for nothing but a floor that the service knows higher
  bool has_checked_in = false;
  int crashes = 0;
  std::optional<std::string> running;  ///< the version of the component that is said to run
  Duration lasted{};
  std::optional<Duration> kept_alone_after{};  ///< the owner lets it be kept then although no service was reached
};

enum class TrialVerdict { GoOn, Keep, FallBack };
struct TrialJudgement {
  TrialVerdict verdict = TrialVerdict::GoOn;
  Ending ending{};  ///< of FallBack
};

TrialJudgement judge_trial(const Attempt& attempt, const TrialSeen& seen);

}  // namespace holdfast::device::update
