// The hardware's watchdog: unless it is told in time that the system is alive, it resets the machine. It is armed
// before anything else can fail, and nothing disarms it (CONFIG_WATCHDOG_NOWAYOUT).
#pragma once

#include <filesystem>
#include <vector>

#include "base/time.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::init {

inline constexpr Duration kWatchdogLimit = seconds(60);

class Watchdog {
 public:
  /// Every /dev/watchdogN below `devices`; a machine may have none, or several that know nothing of each other.
  static Watchdog arm(const std::filesystem::path& devices, Duration limit = kWatchdogLimit);
  void feed();
  std::size_t count() const { return armed_.size(); }

 private:
  std::vector<system::Descriptor> armed_;
};

}  // namespace holdfast::linux::init
