// Load for ./do ha: devices that reboot and attest, and operators who ask for one thing after another, all through the
// addresses of HAProxy. Each acknowledgement is a line of the ledger before anybody counts it. What to do comes as
// lines on standard input, and each is answered with one line on standard output.
#include "ha/ha_load.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "attack/kill_ledger.h"
#include "base/encoding.h"
#include "base/text.h"
#include "ha/pulse.h"
#include "trust/crypto/hash.h"
#include "wire/claim_ticket.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kBetweenBoots{150};
constexpr milliseconds kAfterTrouble{50};
constexpr milliseconds kLookEvery{20};
constexpr std::chrono::seconds kReturnWithin{180};
constexpr const char* kDevice = "device-";
constexpr const char* kOperator = "operator-";

/// A line per acknowledgement, written when it came: `kind`, a tab, and the name by which the database knows it.
class LedgerFile {
 public:
  explicit LedgerFile(const std::string& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    REQUIRE(file_ >= 0);
  }
  LedgerFile(const LedgerFile&) = delete;
  LedgerFile& operator=(const LedgerFile&) = delete;
  ~LedgerFile() { ::close(file_); }

  void add(const std::string& kind, const std::string& what) const {
    const std::string line = cat(kind, "\t", kind == kTickets ? digest_of(what) : what, "\n");
    REQUIRE(::write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }

 private:
  static std::string digest_of(const std::string& ticket_file) {
    const auto ticket = wire::ClaimTicket::decode(as_bytes(ticket_file));
    REQUIRE(ticket);
    return to_hex(trust::crypto::sha256(ticket->secret.expose()));
  }

  int file_;
};

void wait(const std::atomic<bool>& over, milliseconds time) {
  const auto until = SteadyClock::now() + time;
  while (!over && SteadyClock::now() < until) std::this_thread::sleep_for(std::min(time, kLookEvery));
}

class Load {
 public:
  Load(const Owner& owner, const LedgerFile& file, int devices, int operators)
      : owner_(owner),
        ledger_([&file](const std::string& kind, const std::string& what) { file.add(kind, what); }),
        operators_(operators),
        pulse_(names(devices, operators)) {
    for (int i = 0; i < devices; ++i) devices_.push_back(owner.add_device(kAcme));
  }
  ~Load() { end(); }

  void begin() {
    REQUIRE(threads_.empty());
    over_ = false;
    ++times_;
    pulse_.mark(SteadyClock::now());
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      threads_.emplace_back([this, i] { keep_returning(*devices_[i], cat(kDevice, i)); });
    }
    for (int i = 0; i < operators_; ++i) {
      threads_.emplace_back([this, i] { keep_ordering(cat(kOperator, i)); });
    }
  }
  void end() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  /// For all whose names begin so.
  bool wait_for(const std::string& prefix) const {
    const auto until = SteadyClock::now() + kReturnWithin;
    while (!pulse_.awaited(prefix).empty()) {
      if (SteadyClock::now() > until) return false;
      std::this_thread::sleep_for(kLookEvery);
    }
    return true;
  }

  Pulse& pulse() { return pulse_; }
  std::size_t acknowledged() const { return ledger_.size(); }

 private:
  static std::vector<std::string> names(int devices, int operators) {
    std::vector<std::string> out;
    for (int i = 0; i < devices; ++i) out.push_back(cat(kDevice, i));
    for (int i = 0; i < operators; ++i) out.push_back(cat(kOperator, i));
    return out;
  }

  /// A device that reboots again and again; in between its agent alone decides when it tries what failed again.
  void keep_returning(SoftDevice& device, const std::string& name) {
    while (!over_) {
      device.boot();
      while (!over_ && !device.agent().has_checked_in()) {
        const auto asked = SteadyClock::now();
        const Instant next = device.step_in_time();
        if (device.agent().has_checked_in()) {
          if (auto key = device.client_key()) ledger_.acknowledge(*std::move(key));
          pulse_.beat(name, asked);
        } else {
          wait(over_, std::chrono::duration_cast<milliseconds>(next - clock_.now()));
        }
      }
      wait(over_, kBetweenBoots);
    }
  }

  void keep_ordering(const std::string& name) {
    sim::random::SeededRandom random(std::hash<std::string>{}(name) + times_);
    Caller caller(owner_.management_port(), owner_.token());
    for (int i = 0; !over_; ++i) {
      const auto asked = SteadyClock::now();
      if (ask_once(caller, ledger_, cat("t", times_, "-", name, "-", i), random) == 201) {
        pulse_.beat(name, asked);
      } else {
        wait(over_, kAfterTrouble);
      }
    }
  }

  const Owner& owner_;
  KillLedger ledger_;
  const int operators_;
  Pulse pulse_;
  linux::system::SystemClock clock_;
  std::vector<std::unique_ptr<SoftDevice>> devices_;
  std::vector<std::thread> threads_;
  std::atomic<bool> over_ = true;
  unsigned times_ = 0;
};

std::string returned(Load& load, const std::string& prefix) {
  if (load.wait_for(prefix)) {
    return cat("returned ", load.pulse().gap().count(), " ", load.pulse().last_return(kDevice).count(), " ",
               load.pulse().last_return(kOperator).count());
  }
  std::string out = "missing";
  for (const std::string& name : load.pulse().awaited(prefix)) out += " " + name;
  return out;
}

/// begin; died NANOSECONDS (of the monotonic clock); wait PREFIX; end
std::string answer_to_line(Load& load, const std::string& line) {
  constexpr std::string_view kDied = "died ";
  constexpr std::string_view kWait = "wait ";
  if (line == "begin") {
    load.begin();
    return load.wait_for("") ? "loaded" : returned(load, "");
  }
  if (line.starts_with(kDied)) {
    std::int64_t at_ns = 0;
    std::from_chars(line.data() + kDied.size(), line.data() + line.size(), at_ns);
    load.pulse().mark(Pulse::Time(std::chrono::nanoseconds(at_ns)));
    return "marked";
  }
  if (line.starts_with(kWait)) return returned(load, line.substr(kWait.size()));
  if (line == "end") {
    load.end();
    return cat("acknowledged ", load.acknowledged());
  }
  return "unknown";
}

int number_of(const std::string& text) { return static_cast<int>(std::strtol(text.c_str(), nullptr, 10)); }

void tell(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace

int holdfast::tests::play_load(const std::vector<std::string>& words) {
  const Owner owner(words[0],
                    {static_cast<std::uint16_t>(number_of(words[1])), static_cast<std::uint16_t>(number_of(words[2]))},
                    words[3]);
  const LedgerFile file(words[4]);
  Load load(owner, file, number_of(words[5]), number_of(words[6]));
  tell("ready");
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), stdin) != nullptr) {
    std::string text = line.data();
    while (text.ends_with('\n')) text.pop_back();
    tell(answer_to_line(load, text));
  }
  return 0;
}
