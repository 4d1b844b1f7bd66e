// The earliest that it can be (flow 3.3): a device whose clock lost its time, or was set wrong, judges signed documents
// at the later of its clock and this, or at what it was told in this boot. It begins when this version was made, rises
// at most daily, and never to where anything that an update needs, as it was last verified, has ended: so whoever tells
// a wrong time takes no device from its owner, whose root alone takes the floor back. Beyond it the device goes only by
// its clock and what it was told together, until the next boot.
#pragma once

#include <optional>

#include "base/time.h"
#include "ports/disk.h"

namespace holdfast::device::update {

/// When this version was made; set with each release.
inline constexpr WallTime kBuilt = WallTime::from_seconds(1'793'491'200);

inline constexpr std::string_view kTimeFloorRecord{"time-floor"};

class TimeFloor {
 public:
  explicit TimeFloor(ports::Disk& disk) : disk_(disk) {}

  /// What signed documents are judged at.
  Result<WallTime> judged(Instant now, WallTime clock);

  /// What has passed for certain: what was told in this boot, else the floor. The clock may be ahead.
  Result<WallTime> earliest(Instant now);

  /// Whether it is time to ask what time it is.
  bool wants(Instant now) const { return !heard_ || now - heard_->at >= days(1); }

  /// A verified statement of the time, heard at `now`. `good_until`: when the first of what an update needs ends; while
  /// nobody knows, the floor stays.
  Result<void> hear(WallTime time, Instant now, std::optional<WallTime> good_until);

  /// By the owner's root alone: the floor goes back to `time`, never before this version was made, and what was heard
  /// in this boot is forgotten. Never raises it.
  Result<void> lower(WallTime time);

 private:
  struct Heard {
    WallTime time;  ///< no further than what was verified is good for
    WallTime told;
    Instant at;
  };

  Result<WallTime> floor();

  ports::Disk& disk_;
  std::optional<WallTime> floor_;  ///< as it is on disk
  std::optional<Heard> heard_;     ///< in this boot
};

}  // namespace holdfast::device::update
