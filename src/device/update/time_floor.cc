#include "device/update/time_floor.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::device::update {
namespace {

constexpr Duration kApart = days(1);

}  // namespace

/// One that cannot be read begins anew.
Result<WallTime> TimeFloor::floor() {
  if (floor_) return *floor_;
  const auto record = TRY(disk_.read(kTimeFloorRecord));
  const auto kept = record ? parse_rfc3339(as_text(*record)) : Result<WallTime>(kBuilt);
  floor_ = std::max(kept ? *kept : kBuilt, kBuilt);
  return *floor_;
}

Result<WallTime> TimeFloor::judged(Instant now, WallTime clock) {
  const WallTime earliest = TRY(this->earliest(now));
  // Two that say independently that it is later are believed as far as they agree.
  return std::max(earliest, heard_ ? std::min(heard_->told + (now - heard_->at), clock) : clock);
}

Result<WallTime> TimeFloor::earliest(Instant now) {
  const WallTime laid = TRY(floor());
  return heard_ ? std::max(heard_->time + (now - heard_->at), laid) : laid;
}

Result<void> TimeFloor::hear(WallTime time, Instant now, std::optional<WallTime> good_until) {
  heard_ = Heard{good_until ? std::min(time, *good_until - seconds(1)) : time, time, now};
  if (!good_until || heard_->time < TRY(floor()) + kApart) return {};
  TRY(disk_.write(kTimeFloorRecord, as_bytes(to_rfc3339(heard_->time))));
  floor_ = WallTime::from_seconds(heard_->time.whole_seconds());
  return {};
}

Result<void> TimeFloor::lower(WallTime time) {
  const WallTime lowered = std::max(std::min(time, TRY(floor())), kBuilt);
  TRY(disk_.write(kTimeFloorRecord, as_bytes(to_rfc3339(lowered))));
  floor_ = WallTime::from_seconds(lowered.whole_seconds());
  heard_.reset();
  return {};
}

}  // namespace holdfast::device::update
