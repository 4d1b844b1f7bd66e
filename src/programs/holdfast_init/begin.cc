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
#include "linux/init/panics.h"
#include "linux/init/partition.h"
#include "linux/init/storage.h"
#include "linux/system/files.h"
#include "linux/system/kernel_file.h"
#include "linux/tpm/tpm_floor.h"
#include "programs/holdfast_init/chip_owner.h"
#include "programs/holdfast_init/console.h"
#include "programs/holdfast_init/factory.h"
#include "programs/holdfast_init/processes.h"
#include "programs/holdfast_init/reset.h"
#include "trust/eventlog/writer.h"
#include "trust/tpm/boot_policy.h"

namespace holdfast::programs::init {
namespace {

using linux::init::lay_folder;
using linux::system::FileMode;

constexpr Reason kBeginFailed{"begin-failed"};
constexpr Reason kBelowFloor{"below-floor"};
constexpr Reason kMeasuredMore{"measured-more"};
constexpr Reason kLockedOut{"locked-out"};
const char* const kCommandLine = "/proc/cmdline";
const char* const kEventLog = "/sys/kernel/security/tpm0/binary_bios_measurements";
const char* const kCrashes = "/state/crashes";
const char* const kCores = "/state/crashes/cores";
const char* const kBootFolder = "/run/boot";
const char* const kGoodBoot = "/run/boot/good_boot.json";

/// What firmware measured of this boot, and what the image says in its favour.
struct Measured {
  Blob event_log;
  std::optional<linux::tpm::GoodBoot> good_boot;
};

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kBeginFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
}

Result<void> set_kernel(const char* file, std::string_view value) {
  const linux::system::Descriptor setting(::open(file, O_WRONLY | O_CLOEXEC));
  if (setting.is_open() && ::write(setting.number(), value.data(), value.size()) == std::ssize(value)) return {};
  return failed(cat("to set ", file));
}

/// Nobody gets rights in a user namespace of his own.
Result<void> forbid_namespaces() { return set_kernel("/proc/sys/user/max_user_namespaces", "0"); }

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
  const auto noted = places.note_failure();
  if (!noted) say(printable(noted.error().message));
  if (!noted.value_or(false)) return {};
  const auto log = linux::system::read_kernel_file(kEventLog, linux::boot::kEventLogBytesMax);
  if (!log || as_text(*log).find(kRefused) == std::string_view::npos) return {};
  return fail(Next::Retry, kMeasuredMore, "expected firmware to start one program, saw it refuse another before");
}

/// Anti-rollback, before anything of this system runs: the chip knows the lowest that may. A chip that does not answer
/// lets nothing run.
Result<void> require_above_floor(linux::tpm::TpmVault& vault, const firmware::SystemName& system) {
  const std::int64_t floor = TRY(linux::tpm::floor_in_chip(vault, system.component));
  if (system.security_version >= floor) return {};
  return fail(Next::Denied, kBelowFloor,
              cat("expected ", system.component, " of security version ", floor, " or higher, saw ", system.version,
                  " of ", system.security_version));
}

/// What the image says in favour of its boots, where it does; nobody vouches for a boot that nobody measured.
Result<std::optional<linux::tpm::GoodBoot>> good_boot_of(const firmware::SystemName& system,
                                                         linux::slots::FirmwareSlots* places, Bytes event_log) {
  if (!system.seal || places == nullptr || event_log.empty()) return std::nullopt;
  const ports::Slot running = TRY(places->facts(system.component)).running;
  const auto part = places->read(system.component, running, system.seal->words_at, trust::update::kSealWordsBytes);
  auto words = part ? trust::update::parse_seal_words(*part) : std::unexpected(part.error());
  if (!words) {
    say(printable(words.error().message));
    return std::nullopt;
  }
  return linux::tpm::GoodBoot{system.component, system.seal->authority_sha256, *std::move(words)};
}

/// A disk that does not do what it should closes the storage and stops nothing; a chip that does not answer is asked by
/// another boot.
Result<Sealed> open_data(linux::tpm::TpmVault& vault, linux::init::RecordPartition& record,
                         const std::optional<linux::tpm::GoodBoot>& boot) {
  if (!boot) return Sealed{.why = "nobody signed for this boot"};
  const auto device = linux::init::partition_named("data");
  auto out = device ? open_sealed(vault, record, *boot, *device, "/data") : std::unexpected(device.error());
  if (out || out.error().reason == ports::kVaultUnavailable) return out;
  return Sealed{.why = printable(out.error().message)};
}

/// A trial that does not open what the system before it opened has failed. What that one did not open either is no
/// reason to refuse its successor, which may be the repair.
Result<void> require_as_open(const Begun& begun, linux::init::RecordPartition& record) {
  using ports::Trial;
  const bool is_trial = begun.places && TRY(begun.places->facts(begun.system.component)).trial == Trial::Running;
  if (is_trial && record.record().was_open && !begun.sealed.is_open) {
    return fail(Next::Denied, kLockedOut, cat("expected to open the sealed storage, saw: ", begun.sealed.why));
  }
  if (is_trial || record.record().was_open == begun.sealed.is_open) return {};
  linux::init::Record next = record.record();
  next.was_open = begun.sealed.is_open;
  return record.write(next);
}

/// None where the firmware measured nothing. One that is there and cannot be read is no reason to take it for none.
Result<Blob> read_event_log() {
  if (::access(kEventLog, F_OK) != 0 && errno == ENOENT) return Blob();
  return linux::system::read_kernel_file(kEventLog, linux::boot::kEventLogBytesMax);
}

/// Behind it nothing opens that is for the first process, in this boot. What nobody measured has no log to note it in.
Result<void> separate(linux::tpm::TpmVault& vault, Blob& event_log) {
  if (event_log.empty()) return {};
  TRY(linux::tpm::extend_separator(vault));
  trust::eventlog::LogWriter log(std::move(event_log));
  log.append(trust::tpm::kPcrOfSystem, trust::eventlog::kEvAction, as_bytes(trust::tpm::kSeparator));
  event_log = log.bytes();
  return {};
}

/// Kept for who reads it; what cannot be kept stays where it is, and stops nothing.
Result<void> keep_panics() {
  const std::string log = TRY(linux::init::read_panics());
  if (log.empty()) return {};
  say(cat("a boot before ended: ", linux::init::why_panicked(log)));
  TRY(linux::system::write_file(std::string(kCrashes) + "/panic", as_bytes(log), FileMode::Public));
  return linux::init::erase_panics();
}

/// The kernel starts who keeps what crashed, one at a time.
Result<void> catch_crashes() {
  TRY(lay_folder(kCrashes, 0, 0, 0755));
  TRY(lay_folder(kCores, kCrashUser, kCrashUser));
  TRY(set_kernel("/proc/sys/kernel/core_pipe_limit", "1"));
  return set_kernel("/proc/sys/kernel/core_pattern", "|/usr/bin/holdfast-crash %E");
}

/// As linux/boot reads it: the log, and what this boot is.
Result<void> leave_boot_files(const firmware::SystemName& system, std::int64_t boots, Measured measured, Blob escrow) {
  const auto& boot = measured.good_boot;
  ports::BootFacts facts;
  facts.boot_count = boots;
  facts.escrow = std::move(escrow);
  facts.running = {{system.component, system.version, system.security_version}};
  facts.event_log = std::move(measured.event_log);
  TRY(lay_folder(kBootFolder, 0, 0, 0755));
  if (boot) TRY(linux::system::write_file(kGoodBoot, as_bytes(to_json(*boot)), FileMode::Public));
  return linux::boot::write_boot_files(kBootFolder, facts);
}

/// What was not given, or cannot be read, is nothing: a device comes up without.
Factory read_factory() {
  const auto partition = linux::init::partition_named("factory");
  const auto bytes = partition ? linux::system::read_kernel_file(*partition, kFactoryBytesMax) : Blob();
  auto factory = bytes ? parse_factory(*bytes) : std::unexpected(bytes.error());
  if (!factory) say(printable(factory.error().message));
  if (factory && !factory->problem.empty()) say(printable(factory->problem));
  return factory ? *std::move(factory) : Factory();
}

/// The agent's ticket.
Result<void> leave_ticket(const Factory& factory) {
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
  // Firmware that takes no more variables keeps nothing from running that runs.
  const auto healed = out->heal();
  if (!healed) say(printable(healed.error().message));
  if (healed.value_or(false)) {
    say("what was confirmed does not start; this is, from now on");
    return fail(Next::Retry, kMeasuredMore, "expected firmware to start one program, saw it refuse another before");
  }
  return out;
}

/// What the device keeps, and what only this boot may open of it.
Result<Measured> open_storages(Begun& begun, linux::tpm::TpmVault& vault) {
  auto& record =
      begun.record.emplace(TRY(linux::init::RecordPartition::open(TRY(linux::init::partition_named("record")))));
  linux::init::Record next = record.record();
  ++next.boots;
  TRY(record.write(next));
  TRY(note_presence(record));
  Measured out;
  out.event_log = TRY(read_event_log());
  out.good_boot = TRY(good_boot_of(begun.system, begun.places.get(), out.event_log));
  begun.sealed = TRY(open_data(vault, record, out.good_boot));
  TRY(reset_storage(record, vault, begun.sealed));
  TRY(require_as_open(begun, record));
  TRY(separate(vault, out.event_log));
  const auto state = TRY(linux::init::open_storage(TRY(linux::init::partition_named("state")), "/state"));
  if (state == linux::init::Storage::Made) say("the state was made anew");
  if (state == linux::init::Storage::Repaired) say("the state was repaired");
  begun.is_reset = forget_settings(record);
  TRY(catch_crashes());
  if (const auto kept = keep_panics(); !kept) say(printable(kept.error().message));
  return out;
}

Result<Blob> escrow_for(const linux::tpm::GoodBoot& boot) {
  const auto to = TRY(trust::update::verify_escrow(boot));
  return to ? escrow_of(*to) : Result<Blob>(Blob());
}

/// The chip is the device's own, and its passwords are escrowed to whom the system's authority names. Neither stops a
/// boot.
Blob take_chip(linux::tpm::TpmVault& vault, const std::optional<linux::tpm::GoodBoot>& boot) {
  const auto owned = own_chip(vault);
  if (!owned) say(printable(owned.error().message));
  if (!owned.value_or(true)) say("the TPM has passwords that are not this device's");
  if (!owned.value_or(false) || !boot) return {};
  auto escrow = escrow_for(*boot);
  if (!escrow) say(printable(escrow.error().message));
  return escrow ? *std::move(escrow) : Blob();
}

Result<void> lay_folders(bool has_data) {
  TRY(lay_folder("/state/agent", kAgentUser, kAgentUser));
  TRY(lay_folder("/state/network", kNetworkUser, kNetworkUser));
  // What a power cut left without its contents keeps its writer from writing it anew.
  linux::init::remove_empty_files("/state/network");
  TRY(lay_folder("/run/network", kNetworkUser, kNetworkUser, 0755));
  TRY(lay_folder("/run/dhcpcd", kNetworkUser, kNetworkUser, 0755));
  TRY(lay_folder("/run/system", 0, 0, 0755));
  TRY(lay_folder("/state/init", 0, 0));
  if (has_data) TRY(lay_folder("/data/agent", kAgentUser, kAgentUser));
  return {};
}

}  // namespace

Result<Begun> begin() {
  TRY(linux::init::mount_all(linux::init::system_mounts()));
  TRY(forbid_namespaces());
  Begun out{.watchdog = linux::init::Watchdog::arm("/dev"),
            .system = {},
            .places = nullptr,
            .record = {},
            .sealed = {},
            .is_reset = false,
            .network = {}};
  const Blob command_line = TRY(linux::system::read_kernel_file(kCommandLine, firmware::kCommandLineBytesMax));
  out.system = TRY(firmware::system_in(as_text(command_line)));
  out.places = TRY(open_places(out.system.component));
  linux::tpm::TpmVault vault(kTpm);
  if (const auto allowed = require_above_floor(vault, out.system); !allowed) {
    const bool gives_up = out.places && allowed.error().reason == kBelowFloor;
    if (const auto given = gives_up ? out.places->give_up() : Result<void>(); !given) {
      say(printable(given.error().message));
    }
    return std::unexpected(allowed.error());
  }
  if (out.places) TRY(require_clean_measurements(*out.places));
  TRY(raise_loopback());
  Measured measured = TRY(open_storages(out, vault));
  TRY(lay_folders(out.sealed.is_open));
  Blob escrow = out.sealed.is_open ? take_chip(vault, measured.good_boot) : Blob();
  TRY(leave_boot_files(out.system, out.record->record().boots, std::move(measured), std::move(escrow)));
  const Factory factory = read_factory();
  TRY(leave_ticket(factory));
  out.network.emplace(factory.network);
  TRY(out.network->apply());
  TRY(give_away("/dev/tpmrm0", 0, kTpmGroup, 0660));
  return out;
}

}  // namespace holdfast::programs::init
