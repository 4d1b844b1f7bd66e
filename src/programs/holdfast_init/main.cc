// holdfast-init: the first process of a device, and the only one with the rights of root. It makes the system ready,
// starts what runs on it with no more rights than each needs, watches over it, and boots the device when only that
// helps.
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "linux/system/process.h"
#include "programs/holdfast_init/console.h"
#include "programs/holdfast_init/keeper.h"

namespace {

using namespace holdfast;
using programs::init::say;

constexpr Duration kStopMax = seconds(5);
constexpr unsigned kPollMicroseconds = 20'000;

/// Everything ends, and what was written is on the disk.
[[noreturn]] void boot_again(std::string_view why) {
  say(cat("boots: ", why));
  ::kill(-1, SIGTERM);
  linux::system::SystemClock clock;
  const Instant until = clock.now() + kStopMax;
  while (clock.now() < until && ::waitpid(-1, nullptr, WNOHANG) >= 0) ::usleep(kPollMicroseconds);
  ::kill(-1, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  ::sync();
  for (const char* one : {"/data", "/state"}) ::umount2(one, 0);
  ::reboot(RB_AUTOBOOT);
  while (true) ::pause();
}

std::string words_of(const programs::init::Sealed& sealed) {
  if (!sealed.is_open) return cat("closed: ", sealed.why);
  return sealed.is_new ? "open, and new" : "open, as it was";
}

}  // namespace

int main() {
  if (::getpid() != 1) {
    std::fputs("holdfast-init is the first process of a device's own system, and runs nowhere else.\n", stderr);
    return 2;
  }
  // What opens the disk and owns the chip goes through this process.
  if (const auto kept = linux::system::keep_memory_private(); !kept) say(kept.error().message);
  ::reboot(RB_DISABLE_CAD);
  programs::init::let_console_not_wait();
  auto begun = programs::init::begin();
  if (!begun) {
    say(cat("cannot begin: ", printable(begun.error().message, 2000)));
    boot_again("it cannot begin");
  }
  say(cat(begun->system.component, ' ', begun->system.version, " is up, boot ", begun->record->record().boots, ", ",
          begun->watchdog.count(), " watchdogs armed, the sealed storage is ", words_of(begun->sealed)));
  boot_again(programs::init::Keeper(*std::move(begun)).keep());
}
