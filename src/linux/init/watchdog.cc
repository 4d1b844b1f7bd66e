#include "linux/init/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

#include "base/text.h"

namespace holdfast::linux::init {
namespace {

constexpr int kWatchdogsMax = 4;

}  // namespace

Watchdog Watchdog::arm(const std::filesystem::path& devices, Duration limit) {
  Watchdog out;
  for (int number = 0; number < kWatchdogsMax; ++number) {
    const auto device = devices / cat("watchdog", number);
    system::Descriptor opened(::open(device.c_str(), O_WRONLY | O_CLOEXEC));
    if (!opened.is_open()) continue;
    int seconds_left = static_cast<int>(limit.count() / 1000);
    // One that cannot wait so long keeps the time that it has.
    ::ioctl(opened.number(), WDIOC_SETTIMEOUT, &seconds_left);
    out.armed_.push_back(std::move(opened));
  }
  out.feed();
  return out;
}

void Watchdog::feed() {
  for (const system::Descriptor& one : armed_) ::ioctl(one.number(), WDIOC_KEEPALIVE, 0);
}

}  // namespace holdfast::linux::init
