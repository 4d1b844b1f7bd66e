#include "linux/virtual_device/swtpm.h"

#include <signal.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <thread>

#include "base/text.h"
#include "linux/system/files.h"
#include "linux/system/program.h"
#include "linux/tpm/platform_tpm.h"

namespace holdfast::linux::virtual_device {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kStartTimeMax{20};
constexpr std::chrono::seconds kAnswerTimeMax{20};
constexpr std::chrono::seconds kStopTimeMax{10};
constexpr std::chrono::milliseconds kPoll{10};
constexpr std::size_t kPidFileBytesMax = 32;
constexpr std::size_t kCommandLineBytesMax = 16 * 1024;

/// swtpm's control socket has the same path with this behind it.
constexpr std::string_view kControlSuffix = ".ctrl";

std::string command_line_of(pid_t pid) {
  const fs::path path = fs::path("/proc") / std::to_string(pid) / "cmdline";
  std::ifstream in(path, std::ios::binary);
  std::string text(kCommandLineBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return text;
}

/// The process of the pid file, if it still is our swtpm: numbers are used again, and a stranger must not be killed.
std::optional<pid_t> running(const fs::path& pid_file, const fs::path& state) {
  const auto text = system::read_file(pid_file, kPidFileBytesMax);
  if (!text) return std::nullopt;
  const std::string_view digits = trim(as_text(*text));
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  if (error != std::errc() || end != digits.data() + digits.size() || pid <= 1) return std::nullopt;
  if (command_line_of(pid).find("dir=" + state.string()) == std::string::npos) return std::nullopt;
  return pid;
}

template <class Condition>
bool within(std::chrono::seconds time_max, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + time_max;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

Result<void> require_short(const fs::path& socket) {
  constexpr std::size_t kSocketPathBytesMax = sizeof(sockaddr_un::sun_path) - 1 - kControlSuffix.size();
  if (socket.string().size() <= kSocketPathBytesMax) return {};
  return fail(
      Next::Rejected, kPowerFailed,
      cat("expected a socket path of at most ", kSocketPathBytesMax, " bytes, saw ", printable(socket.string())));
}

}  // namespace

bool Swtpm::is_on() const { return running(pid_file(), state()).has_value(); }

Result<void> Swtpm::power_on(StartupLocality locality) {
  TRY(require_short(socket()));
  if (is_on()) return fail(Next::Conflict, kPowerFailed, "expected a TPM that is off, saw one that is on");
  const std::string control = cat(socket().string(), kControlSuffix);
  std::error_code ignored;
  fs::remove(socket(), ignored);
  fs::remove(control, ignored);
  TRY(system::run_program({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + state().string(), "--server",
                           "type=unixio,path=" + socket().string(), "--ctrl", "type=unixio,path=" + control, "--flags",
                           "not-need-init", "--daemon", "--pid", "file=" + pid_file().string()},
                          folder_ / "tpm.log", kStartTimeMax));
  std::string last = "nothing";
  const bool answers = within(kAnswerTimeMax, [&] {
    auto tpm = tpm::PlatformTpm::open(connection_string());
    auto started = tpm ? tpm->startup(static_cast<std::uint8_t>(locality)) : std::unexpected(tpm.error());
    if (!started) last = started.error().message;
    return started.has_value();
  });
  if (answers) return {};
  return fail(Next::Retry, kPowerFailed, cat("expected the TPM to answer, saw ", last));
}

Result<void> Swtpm::power_off() {
  const auto pid = running(pid_file(), state());
  if (!pid) return {};
  if (auto tpm = tpm::PlatformTpm::open(connection_string())) {
    // A chip that does not answer loses its power all the same.
    [[maybe_unused]] const auto shut_down = tpm->shutdown();
  }
  kill(*pid, SIGTERM);
  if (within(kStopTimeMax, [&] { return !is_on(); })) return {};
  kill(*pid, SIGKILL);
  if (within(kStopTimeMax, [&] { return !is_on(); })) return {};
  return fail(Next::Retry, kPowerFailed, cat("expected process ", *pid, " to end, saw it run on"));
}

}  // namespace holdfast::linux::virtual_device
