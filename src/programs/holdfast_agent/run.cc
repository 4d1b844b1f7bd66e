#include "programs/holdfast_agent/run.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "device/agent.h"
#include "device/record/identity.h"
#include "device/record/release.h"
#include "device/status/status.h"
#include "linux/apps/applications.h"
#include "linux/boot/boot_files.h"
#include "linux/door/door_slots.h"
#include "linux/medium/path_medium.h"
#include "linux/net/vault_net.h"
#include "linux/slots/file_floor.h"
#include "linux/slots/file_slots.h"
#include "linux/slots/joined_slots.h"
#include "linux/system/clock.h"
#include "linux/system/directory_disk.h"
#include "linux/system/file_pages.h"
#include "linux/system/files.h"
#include "linux/system/random.h"
#include "linux/tpm/tpm_floor.h"
#include "linux/tpm/tpm_vault.h"
#include "linux/wait/waiter.h"
#include "ports/network/network_settings.h"
#include "programs/holdfast_agent/application_settings.h"
#include "programs/holdfast_agent/record_reader.h"
#include "trust/update/configuration.h"

namespace holdfast::programs {
namespace {

using linux::system::Descriptor;
using linux::wait::Woken;

constexpr std::size_t kTicketFileBytesMax = 64 * 1024;
/// `--once` waits so long for what heals by waiting.
constexpr Duration kOnceMax = seconds(60);
/// After the disk failed.
constexpr Duration kDiskRetry = seconds(10);
/// How often the first process hears that this one is alive.
constexpr Duration kAliveEvery = minutes(1);
/// Blocks of this size and above go back to the system when they are freed: messages and logs, nothing else.
constexpr int kMappedBytesMin = 32 * 1024;

/// `name=value`, quoted where a value would not read as one word.
void log_line(const device::Event& event) {
  std::string line = cat("event=", event.name);
  for (const auto& [name, value] : event.fields) {
    const bool is_word = !value.empty() && value.find_first_of(" \"=") == std::string::npos;
    line += cat(' ', name, '=');
    if (is_word) {
      line += value;
      continue;
    }
    line += '"';
    for (const char c : value) line += c == '"' ? '\'' : c;
    line += '"';
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

void log_failure(std::string_view name, const Error& error) {
  log_line({std::string(name), {{"failed", std::string(error.reason.word())}, {"why", printable(error.message)}}});
}

/// One agent per state folder; the lock goes with the process.
Result<Descriptor> lock(const std::filesystem::path& state) {
  Descriptor folder(::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open() && ::flock(folder.number(), LOCK_EX | LOCK_NB) == 0) return folder;
  return fail(Next::Conflict, kAgentStateLocked,
              cat("expected ", printable(state.string()), " for ourselves, saw it in use by another agent"));
}

void offer_ticket(device::Agent& agent, const std::filesystem::path& file) {
  if (file.empty()) return;
  auto bytes = linux::system::read_secret_file(file, kTicketFileBytesMax);
  if (!bytes && bytes.error().reason == linux::system::kFileMissing) return;
  const auto offered = bytes ? agent.offer_ticket(bytes->expose()) : std::unexpected(bytes.error());
  if (!offered) log_failure("claim-ticket", offered.error());
}

/// Whether `--once` is over, and how.
Result<bool> is_done(const device::Agent& agent, Duration spent) {
  if (agent.has_checked_in() || agent.is_released()) return true;
  const auto& failure = agent.failure();
  if (failure && !device::contact::heals_by_waiting(*failure)) return std::unexpected(*failure);
  if (agent.waits_for_ticket() && !agent.is_confirming_release()) {
    return fail(Next::Rejected, kAgentNotDone, "expected a claim ticket, saw none (--ticket FILE)");
  }
  if (spent < kOnceMax) return false;
  if (failure) return std::unexpected(*failure);
  return fail(Next::Retry, kAgentNotDone, cat("expected to be done within ", to_text(kOnceMax), ", saw no end"));
}

linux::tpm::TpmVault vault_for(const AgentOptions& options) {
  if (options.good_boot.empty()) return linux::tpm::TpmVault(options.tcti);
  const auto text = linux::system::read_file(options.good_boot, trust::update::kGoodBootBytesMax);
  auto boot = text ? trust::update::parse_good_boot(*text) : std::unexpected(text.error());
  if (boot) return linux::tpm::TpmVault(options.tcti, *std::move(boot));
  if (boot.error().reason != linux::system::kFileMissing) {
    log_line({"good-boot", {{"failed", printable(boot.error().message)}}});
  }
  return linux::tpm::TpmVault(options.tcti);
}

struct Machine {
  linux::system::SystemClock clock;
  linux::system::SystemRandom random;
  linux::system::DirectoryDisk disk;
  linux::tpm::TpmVault vault;
  linux::net::VaultNet net;
  linux::boot::BootFiles boot;
  std::optional<linux::slots::FileSlots> slots;
  std::optional<linux::door::DoorSlots> door;
  std::optional<linux::slots::JoinedSlots> places;  ///< all that there are
  std::optional<linux::slots::FileFloor> floor_seen;
  std::optional<linux::slots::FileFloor> floor_beside;
  std::optional<linux::tpm::TpmFloor> floor;
  std::optional<linux::apps::Applications> applications;
  std::optional<linux::medium::PathMedium> medium;
  std::filesystem::path network_file;
  bool owes_network = false;  ///< the first process is to hear of it before anything else
  bool tells_later = false;   ///< once the owner before has heard

  Machine(const AgentOptions& options, linux::system::DirectoryDisk opened)
      : disk(std::move(opened)),
        vault(vault_for(options)),
        net(vault, clock),
        boot(options.boot),
        network_file(options.network) {
    if (!options.updates_from.empty()) medium.emplace(options.updates_from);
  }

  /// What is no such file, or is not there, names no proxy.
  void read_network() {
    if (network_file.empty()) return;
    const auto text = linux::system::read_file(network_file, ports::kNetworkBytesMax);
    const auto read = text ? ports::parse_network(*text) : std::unexpected(text.error());
    if (!read && read.error().reason != linux::system::kFileMissing) log_failure("network", read.error());
    net.set_proxy(read ? read->proxy : std::nullopt);
  }

  /// The folder's name for this boot is its number. Whoever boots the device sees from the folder what to boot.
  Result<void> open_slots(const AgentOptions& options) {
    std::vector<ports::Slots*> parts;
    if (options.system_door) parts.push_back(&door.emplace(Descriptor(*options.system_door)));
    if (!options.slots.empty()) {
      TRY(open_files(options));
      parts.push_back(&*slots);
    }
    if (parts.empty()) return {};
    const auto& floors = !options.floors.empty() ? options.floors
                         : options.slots.empty() ? options.state
                                                 : options.slots;
    floor_seen.emplace(floors / "floor-seen.json");
    floor_beside.emplace(floors / "floor.json");
    floor.emplace(vault, *floor_seen, *floor_beside);
    places.emplace(std::move(parts));
    return {};
  }

  Result<void> open_files(const AgentOptions& options) {
    const std::int64_t number = TRY(boot.facts()).boot_count;
    if (!options.applications.empty()) {
      applications.emplace(options.applications, [this](std::string_view application) {
        return application_settings(*slots, disk, application);
      });
    }
    const auto restart = [this](std::string_view component, const std::filesystem::path& image) -> Result<void> {
      log_line({"restart", {{"component", printable(component)}, {"image", printable(image.string())}}});
      if (component == trust::update::settings_of(ports::kNetworkApplication)) return tell_network();
      if (!applications) return {};
      if (const auto application = slots->application_of(component)) {
        applications->start(*application, TRY(slots->image(*application)));
      }
      return {};
    };
    slots = TRY(door ? settle_places(options.slots, number, restart)
                     : linux::slots::FileSlots::open(options.slots, number, restart));
    if (door) {
      const auto laid = slots->lay_settings_of(ports::kNetworkApplication);
      if (!laid) log_failure("settings", laid.error());
      if (const auto told = tell_network(); !told) log_failure("network", told.error());
    }
    if (!applications) return {};
    if (const auto laid = slots->lay_settings(); !laid) log_failure("settings", laid.error());
    for (const std::string& one : slots->applications()) applications->start(one, TRY(slots->image(one)));
    return {};
  }

  /// The first process makes the network what the owner says of it. Without an identity nobody knows what is different
  /// on this device, and while an owner is to hear that it was let go, it goes by the network that reaches him: then
  /// what was said before stays.
  Result<void> tell_network() {
    if (!door) return {};
    const auto settings = TRY(application_settings(*slots, disk, ports::kNetworkApplication));
    const bool is_known = TRY(disk.read(device::record::Identity::kName)).has_value();
    tells_later = !settings && TRY(is_confirming_release());
    if (tells_later || (settings && !is_known)) return {};
    owes_network = true;
    net.close_connections();  // from an address that may not be ours any more
    const auto told = door->follow_network(settings ? Bytes(*settings) : Bytes());
    owes_network = !told && told.error().next == Next::Retry;
    read_network();
    return told;
  }

  Result<bool> is_confirming_release() {
    const auto record = TRY(disk.read(device::record::Release::kName));
    const auto release = record ? device::record::Release::decode(*record) : Result<device::record::Release>();
    return record && release && !release->is_told;
  }

  /// Nothing is judged by a network that is still the one before.
  bool settle_network() {
    if (!owes_network && !tells_later) return true;
    const auto told = tell_network();
    if (!told) log_failure("network", told.error());
    return !owes_network;
  }

  /// Again at the next start, until the first process knows that it is done.
  void reset(device::Agent& agent) {
    auto done = agent.reset_settings();
    if (done && door) done = door->end_reset();
    if (!done) log_failure("reset", done.error());
  }

  /// Those of a device whose system is somebody else's hold settings alone: what cannot be opened is made anew, and
  /// keeps nobody from starting.
  static Result<linux::slots::FileSlots> settle_places(const std::filesystem::path& folder, std::int64_t boot,
                                                       const linux::slots::Restart& restart) {
    TRY(linux::system::make_private_directory(folder));
    auto opened = linux::slots::FileSlots::open(folder, boot, restart);
    if (opened) return opened;
    log_failure("places", opened.error());
    std::error_code problem;
    std::filesystem::remove_all(folder, problem);
    TRY(linux::system::make_private_directory(folder));
    return linux::slots::FileSlots::open(folder, boot, restart);
  }

  /// What ended is told to the agent, and started again.
  Result<void> look_at_applications(device::Agent& agent) {
    if (!applications) return {};
    for (const linux::apps::Ended& one : applications->look(clock.now())) {
      log_line({"application-ended",
                {{"component", one.component}, {"version", printable(one.version)}, {"how", printable(one.how)}}});
      TRY(agent.note_exit(one.component, one.version, one.is_crash));
    }
    return {};
  }

  device::Ports ports() {
    return {disk,
            net,
            vault,
            boot,
            random,
            places ? &*places : nullptr,
            floor ? &*floor : nullptr,
            medium ? &*medium : nullptr,
            door ? &*door : nullptr};
  }

  void rest() {
    vault.release();
    net.close_connections();
    if (medium) medium->put_down();
    ::malloc_trim(0);
    linux::system::release_file_pages();
  }
};

Result<AgentEnd> steps(Machine& machine, device::Agent& agent, linux::wait::Waiter& waiter,
                       const AgentOptions& options) {
  const Instant started = machine.clock.now();
  offer_ticket(agent, options.ticket);
  while (true) {
    TRY(machine.look_at_applications(agent));
    const auto next = machine.settle_network() ? agent.step(machine.clock.now(), machine.clock.wall_time())
                                               : Result<Instant>(machine.clock.now() + kDiskRetry);
    for (const device::Event& event : agent.take_events()) log_line(event);
    if (!next && options.once) return std::unexpected(next.error());
    if (!next) log_line({"disk", {{"failed", printable(next.error().message)}}});
    const Instant now = machine.clock.now();
    if (agent.wants_boot()) return AgentEnd::WantsBoot;
    if (options.once && TRY(is_done(agent, now - started))) return AgentEnd::Done;
    Instant until = next ? *next : now + kDiskRetry;
    if (machine.applications) until = std::min(until, machine.applications->next().value_or(until));
    if (machine.door) {
      TRY(machine.door->alive());
      until = std::min(until, now + kAliveEvery);
    }
    if (until > now) machine.rest();
    switch (TRY(waiter.wait(options.once ? std::min(until, started + kOnceMax) : until))) {
      case Woken::TimeUp:
      case Woken::Child: break;
      case Woken::End: return AgentEnd::Done;
      case Woken::Retry:
        machine.read_network();
        agent.retry();
        break;
      case Woken::LookAgain:
        offer_ticket(agent, options.ticket);
        agent.wake();
        break;
    }
  }
}

}  // namespace

Result<AgentEnd> run_agent(const AgentOptions& options) {
  ::mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
  auto waiter = TRY(linux::wait::Waiter::make(options.ticket));
  TRY(linux::system::make_private_directory(options.state));
  const Descriptor lock_held = TRY(lock(options.state));
  Machine machine(options, TRY(linux::system::DirectoryDisk::open(options.state)));
  TRY(machine.open_slots(options));
  machine.read_network();
  device::Agent agent(machine.ports(), {.hardware = options.hardware, .updates = options.updates});
  if (options.is_reset) machine.reset(agent);
  auto ended = steps(machine, agent, waiter, options);
  machine.rest();
  if (options.once) std::fputs(device::status::to_text(agent.records()).c_str(), stdout);
  return ended;
}

Result<void> print_status(const std::filesystem::path& state, bool as_json) {
  RecordReader reader(state);
  device::record::Records records(reader);
  TRY(records.load());
  const std::string text =
      as_json ? cat(json::dump_pretty(device::status::to_json(records)), '\n') : device::status::to_text(records);
  std::fputs(text.c_str(), stdout);
  return {};
}

}  // namespace holdfast::programs
