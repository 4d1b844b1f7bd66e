#include "programs/holdfast_init/keeper.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/text.h"
#include "programs/holdfast_init/chip_owner.h"
#include "programs/holdfast_init/console.h"

namespace holdfast::programs::init {
namespace {

using linux::system::Descriptor;

constexpr Duration kFeedEvery = seconds(10);
constexpr int kAgentWantsBoot = 10;
/// Of a process that is told to end, before it is killed.
constexpr Duration kEndMax = seconds(5);
constexpr unsigned kPollMicroseconds = 20'000;
/// A network that changes all the time starts nothing oftener.
constexpr Duration kHurryApart = seconds(30);
constexpr std::size_t kChangesBytes = 4096;
const char* const kNetworkFolder = "/run/network";

std::string words_of(int status) {
  if (!WIFSIGNALED(status)) return cat("with ", WEXITSTATUS(status));
  return cat("by signal ", WTERMSIG(status), WCOREDUMP(status) ? ", which left a core" : "");
}

/// Children that end are told there.
Descriptor child_signals() {
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  return Descriptor(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// What becomes of its files.
Descriptor watch(const char* folder) {
  Descriptor out(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (out.is_open()) ::inotify_add_watch(out.number(), folder, IN_MOVED_TO | IN_DELETE);
  return out;
}

}  // namespace

Keeper::Keeper(Begun begun)
    : begun_(std::move(begun)),
      ended_(child_signals()),
      network_(watch(kNetworkFolder)),
      door_keeper_(begun_.places.get(), *this, clock_),
      processes_(processes(begun_.sealed.is_open, begun_.is_reset)) {}

std::string Keeper::keep() {
  while (true) {
    begun_.watchdog.feed();
    start_due();
    end_silent();
    pollfd waiting[] = {{.fd = ended_.number(), .events = POLLIN, .revents = 0},
                        {.fd = door_.number(), .events = POLLIN, .revents = 0},
                        {.fd = network_.number(), .events = POLLIN, .revents = 0}};
    ::poll(waiting, std::size(waiting), static_cast<int>(until_next().count()));
    if (waiting[1].revents != 0) answer();
    if (!why_boot_.empty()) return why_boot_;
    if (waiting[2].revents != 0) tell_network();
    if (auto why = reap()) return *std::move(why);
  }
}

Duration Keeper::until_next() {
  Duration out = kFeedEvery;
  for (const Process& one : processes_) {
    if (const auto at = one.supervised.start_at()) out = std::min(out, std::max(*at - clock_.now(), Duration(0)));
  }
  return out;
}

void Keeper::start_due() {
  for (Process& one : processes_) {
    const auto at = one.supervised.start_at();
    if (!at || *at > clock_.now()) continue;
    if (one.supervised.name() == kTimeProcess) {
      start_time(one);
    } else {
      start(one);
    }
  }
}

/// By the next of those who tell it, where anybody does.
void Keeper::start_time(Process& process) {
  const auto servers = begun_.network->time_servers();
  if (servers.empty()) return process.supervised.rests(clock_.now() + *process.every);
  process.launch.arguments =
      time_arguments(servers[static_cast<std::size_t>(process.supervised.ends()) % servers.size()]);
  start(process);
}

void Keeper::start(Process& process) {
  int both[2] = {-1, -1};
  Descriptor theirs;
  process.launch.door = -1;
  if (process.has_door && ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) == 0) {
    door_ = Descriptor(both[0]);
    theirs = Descriptor(both[1]);
    process.launch.door = theirs.number();
    heard_ = clock_.now();
  }
  // Without its group it would not be bounded; it is tried again like one that ended.
  const auto group = linux::init::make_control_group(process.supervised.name(), process.limits);
  if (group) process.launch.control_group = group->string();
  const auto pid = group ? linux::init::launch(process.launch) : std::unexpected(group.error());
  process.started = clock_.now();
  process.supervised.started(*process.started);
  process.pid = pid.value_or(-1);
  if (pid) return;
  say(printable(pid.error().message));
  process.supervised.ended(clock_.now());
}

/// What hangs is killed; reap() does the rest.
void Keeper::end_silent() {
  if (clock_.now() - heard_ < kSilenceMax) return;
  for (Process& one : processes_) {
    if (!one.has_door || one.pid < 0) continue;
    one.was_silent = true;
    say(cat(one.supervised.name(), " says nothing"));
    ::kill(one.pid, SIGKILL);
    heard_ = clock_.now();
  }
}

void Keeper::answer() {
  heard_ = clock_.now();
  const auto done = door_keeper_.answer_one(door_.number());
  if (!done) say(printable(done.error().message));
  if (!done || !*done) door_ = Descriptor();
}

/// Who waits for the network waits no longer.
void Keeper::tell_network() {
  alignas(inotify_event) char changes[kChangesBytes];
  while (::read(network_.number(), changes, sizeof changes) > 0) {
  }
  for (Process& one : processes_) {
    if (one.has_door && one.pid > 0) ::kill(one.pid, SIGUSR1);
    const bool is_waited_for = one.every && one.pid < 0 && !one.has_done;
    const bool was_just_started = one.started && clock_.now() - *one.started < kHurryApart;
    if (is_waited_for && !was_just_started) one.supervised.hurry(clock_.now());
  }
}

Process* Keeper::process_named(std::string_view name) {
  const auto found = std::ranges::find(processes_, name, [](const Process& one) { return one.supervised.name(); });
  return found == processes_.end() ? nullptr : &*found;
}

/// The DHCP client takes back what it did, and begins anew. Whoever asked hears of it when nothing goes by the former
/// settings any more.
Result<void> Keeper::follow_network(Bytes settings) {
  if (!TRY(begun_.network->follow(settings))) return {};
  say("the network is set anew");
  Process& client = *process_named(kNetworkProcess);
  if (client.pid > 0) end(client);
  client.supervised.rests(clock_.now());
  process_named(kTimeProcess)->has_done = false;
  return {};
}

void Keeper::end(Process& process) {
  ::kill(process.pid, SIGTERM);
  const Instant until = clock_.now() + kEndMax;
  while (::waitpid(process.pid, nullptr, WNOHANG) == 0) {
    if (clock_.now() > until) ::kill(process.pid, SIGKILL);
    ::usleep(kPollMicroseconds);
  }
  process.pid = -1;
}

Result<void> Keeper::end_reset() {
  linux::init::Record next = begun_.record->record();
  if (next.reset != linux::init::Reset::Settings) return {};
  next.reset = linux::init::Reset::None;
  TRY(begun_.record->write(next));
  std::erase(process_named(kAgentProcess)->launch.arguments, kResetWord);
  say("the device is as it was made, and whose it was");
  return {};
}

/// Without what the chip opens it with it is noise; the next boot makes a new one, and answers that it is done. The
/// chip's passwords go with it: one that does not take them back is not asked twice.
Result<void> Keeper::erase() {
  linux::init::RecordPartition& record = *begun_.record;
  linux::init::Record next = record.record();
  if (next.is_erased) {
    next.is_erased = false;
    return record.write(next);
  }
  linux::tpm::TpmVault vault(kTpm);
  if (begun_.sealed.is_open) TRY(disown_chip(vault));
  next.sealed.reset();
  next.is_erased = true;
  TRY(record.overwrite(next));
  why_boot_ = "the sealed storage was erased";
  return fail(Next::Retry, linux::door::kDoorBoots, "expected new storage, saw that the device boots for it");
}

std::optional<std::string> Keeper::look_at(Process& process, int status) {
  process.pid = -1;
  if (process.every && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    process.has_done = true;
    process.supervised.rests(clock_.now() + *process.every);
    say(cat(process.supervised.name(), ": ", to_rfc3339(clock_.wall_time())));
    return std::nullopt;
  }
  process.supervised.ended(clock_.now(), std::exchange(process.was_silent, false));
  say(cat(process.supervised.name(), " ended ", words_of(status)));
  if (process.has_door && WIFEXITED(status) && WEXITSTATUS(status) == kAgentWantsBoot) return "the agent asks for it";
  if (process.supervised.is_lost()) return cat(process.supervised.name(), " ends again and again");
  return std::nullopt;
}

std::optional<std::string> Keeper::reap() {
  signalfd_siginfo seen{};
  while (::read(ended_.number(), &seen, sizeof seen) > 0) {
  }
  int status = 0;
  for (int pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto one = std::ranges::find(processes_, pid, &Process::pid);
    if (one == processes_.end()) continue;
    if (auto why = look_at(*one, status)) return why;
  }
  return std::nullopt;
}

}  // namespace holdfast::programs::init
