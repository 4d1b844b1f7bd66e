#include "device/update/settings.h"

#include <algorithm>

namespace holdfast::device::update {

Duration pace(const Settings& settings, std::size_t bytes) {
  if (settings.bytes_per_second <= 0) return Duration::zero();
  return Duration(static_cast<std::int64_t>(bytes) * 1000 / settings.bytes_per_second);
}

Duration until_open(const Settings& settings, WallTime now) {
  constexpr Duration kDay = days(1);
  if (!settings.window || settings.window->length >= kDay) return Duration::zero();
  const Duration today = Duration(((now.ms % kDay.count()) + kDay.count()) % kDay.count());
  const Duration since_open = (today - settings.window->from % kDay + kDay) % kDay;
  return since_open < settings.window->length ? Duration::zero() : kDay - since_open;
}

}  // namespace holdfast::device::update
