#include "programs/holdfast_init/begin.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/boot/boot_files.h"
#include "linux/init/mounts.h"
#include "linux/init/partition.h"
#include "linux/init/storage.h"
#include "linux/system/files.h"
#include "linux/system/kernel_file.h"
#include "linux/tpm/tpm_floor.h"
#include "programs/holdfast_init/console.h"
#include "programs/holdfast_init/factory.h"
#include "programs/holdfast_init/processes.h"

namespace holdfast::programs::init {
namespace {

using linux::init::lay_folder;
using linux::system::FileMode;

constexpr Reason kBeginFailed{"begin-failed"};
constexpr Reason kBelowFloor{"below-floor"};
constexpr Reason kMeasuredMore{"measured-more"};
const char* const kTpm = "device:/dev/tpmrm0";
const char* const kCommandLine = "/proc/cmdline";
const char* const kEventLog = "/sys/kernel/security/tpm0/binary_bios_measurements";
const char* const kBootFolder = "/run/boot";
const char* const kBootCount = "/data/init/boot-count";

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kBeginFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
}

/// Nobody gets rights in a user namespace of his own.
Result<void> forbid_namespaces() {
  const linux::system::Descriptor limit(::open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC));
  if (limit.is_open() && ::write(limit.number(), "0", 1) == 1) return {};
  return failed("to forbid user namespaces");
}

Result<void> raise_loopback() {
  const linux::system::Descriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (any.is_open() && ::ioctl(any.number(), SIOCSIFFLAGS, &request) == 0) return {};
  return failed("the loopback interface to come up");
}

Result<void> give_away(const std::string& file, unsigned user, unsigned group, unsigned mode) {
  if (::chown(file.c_str(), user, group) == 0 && ::chmod(file.c_str(), mode) == 0) return {};
  return failed(cat("to give away ", file));
}

/// Firmware that refused the place that was armed measured that, too, before it started this one: no reference value
/// covers it. One boot more is measured as it should be.
Result<void> require_clean_measurements(linux::slots::FirmwareSlots& places) {
  constexpr std::string_view kRefused = "Returning from EFI Application from Boot Option";
  if (!TRY(places.note_failure())) return {};
  const auto log = linux::system::read_kernel_file(kEventLog, linux::boot::kEventLogBytesMax);
  if (!log || as_text(*log).find(kRefused) == std::string_view::npos) return {};
  return fail(Next::Retry, kMeasuredMore, "expected firmware to start one program, saw it refuse another before");
}

/// Anti-rollback, before anything of this system runs: the chip knows the lowest that may. A chip that does not answer
/// lets nothing run.
Result<void> require_above_floor(const firmware::SystemName& system) {
  linux::tpm::TpmVault vault(kTpm);
  const std::int64_t floor = TRY(linux::tpm::floor_in_chip(vault, system.component));
  if (system.security_version >= floor) return {};
  return fail(Next::Denied, kBelowFloor,
              cat("expected ", system.component, " of security version ", floor, " or higher, saw ", system.version,
                  " of ", system.security_version));
}

/// As linux/boot reads it: the firmware's log, and what this boot is.
Result<void> leave_boot_files(const firmware::SystemName& system) {
  ports::BootFacts facts;
  facts.boot_count = TRY(linux::init::count_boot(kBootCount));
  facts.running = {{system.component, system.version, system.security_version}};
  auto log = linux::system::read_kernel_file(kEventLog, linux::boot::kEventLogBytesMax);
  if (log) facts.event_log = *std::move(log);
  TRY(lay_folder(kBootFolder, 0, 0, 0755));
  return linux::boot::write_boot_files(kBootFolder, facts);
}

/// What the factory gave the device, where it did: the agent's ticket.
Result<void> leave_factory_files() {
  const auto partition = linux::init::partition_named("factory");
  if (!partition) return {};
  const Factory factory = TRY(parse_factory(TRY(linux::system::read_kernel_file(*partition, kFactoryBytesMax))));
  TRY(lay_folder("/run/agent", kAgentUser, kAgentUser));
  if (factory.ticket.empty()) return {};
  TRY(linux::system::write_file("/run/agent/ticket.json", factory.ticket, FileMode::Private));
  return give_away("/run/agent/ticket.json", kAgentUser, kAgentUser, 0600);
}

/// Where the machine was started otherwise, as for tests, there is nothing to update.
Result<std::unique_ptr<linux::slots::FirmwareSlots>> open_places(const std::string& component) {
  using linux::slots::FirmwareSlots;
  const auto place_a = linux::init::partition_named("slot-a");
  const auto place_b = linux::init::partition_named("slot-b");
  if (!place_a || !place_b) return std::unique_ptr<FirmwareSlots>();
  auto opened = FirmwareSlots::open(component, linux::efi::Variables(), {*place_a, *place_b});
  if (!opened) {
    say(cat("no places: ", printable(opened.error().message)));
    return std::unique_ptr<FirmwareSlots>();
  }
  auto out = std::make_unique<FirmwareSlots>(*std::move(opened));
  if (TRY(out->heal())) {
    say("what was confirmed does not start; this is, from now on");
    return fail(Next::Retry, kMeasuredMore, "expected firmware to start one program, saw it refuse another before");
  }
  return out;
}

}  // namespace

Result<Begun> begin() {
  TRY(linux::init::mount_all(linux::init::system_mounts()));
  TRY(forbid_namespaces());
  Begun out{.watchdog = linux::init::Watchdog::arm("/dev"), .system = {}, .places = nullptr};
  const Blob command_line = TRY(linux::system::read_kernel_file(kCommandLine, firmware::kCommandLineBytesMax));
  out.system = TRY(firmware::system_in(as_text(command_line)));
  out.places = TRY(open_places(out.system.component));
  if (const auto allowed = require_above_floor(out.system); !allowed) {
    if (out.places && allowed.error().reason == kBelowFloor) TRY(out.places->give_up());
    return std::unexpected(allowed.error());
  }
  if (out.places) TRY(require_clean_measurements(*out.places));
  TRY(raise_loopback());
  TRY(linux::init::open_storage(TRY(linux::init::partition_named("data")), "/data"));
  TRY(lay_folder("/data/init", 0, 0));
  TRY(lay_folder("/data/agent", kAgentUser, kAgentUser));
  TRY(lay_folder("/data/network", kNetworkUser, kNetworkUser));
  TRY(lay_folder("/run/network", kNetworkUser, kNetworkUser, 0755));
  TRY(lay_folder("/run/dhcpcd", kNetworkUser, kNetworkUser, 0755));
  TRY(leave_boot_files(out.system));
  TRY(leave_factory_files());
  TRY(give_away("/dev/tpmrm0", 0, kTpmGroup, 0660));
  return out;
}

}  // namespace holdfast::programs::init
