#include "programs/simulation/rollout.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "programs/simulation/release_desk.h"
#include "programs/simulation/world.h"
#include "service/check_in/check_in.h"
#include "service/rollout/trials.h"
#include "trust/appraisal/verdict.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::programs::simulation {
namespace {

using ports::DeploymentRow;
using ports::DeploymentState;
using ports::DirectionRow;
using ports::Table;
namespace rollout = service::rollout;

constexpr Duration kAsksEvery = hours(2);
constexpr std::int64_t kFetchingMax = 3;  ///< check-ins until the images are there
constexpr std::int64_t kHoursMax = 24 * 60;
constexpr std::size_t kRowsPerWrite = 1000;

std::vector<rollout::Wave> five_waves() {
  return {{rollout::kPlaces / 100, hours(24)},
          {rollout::kPlaces / 10, hours(24)},
          {rollout::kPlaces / 4, hours(24)},
          {rollout::kPlaces / 2, hours(24)},
          {rollout::kPlaces, hours(0)}};
}

struct Device {
  std::string name;
  std::int64_t director = 0;  ///< the version that it follows
  std::int64_t fetching = 0;  ///< check-ins that it still needs for it
  bool has_failed = false;
  bool fails = false;
};

class Rollout {
 public:
  explicit Rollout(const RolloutOptions& options)
      : options_(options), world_(options.seed), chance_(world_.fork("devices")) {}

  Result<RolloutReport> run() {
    TRY(world_.found());
    TRY(world_.owner().appoint_director(deps(), now()));
    for (const char* version : {"1.0", "2.0"}) {
      TRY(desk_.add({"door", version, 1, to_blob(as_bytes(cat("a door, ", version)))}));
    }
    TRY(desk_.publish(deps(), now()));
    TRY(enrol());
    TRY(deploy("1.0", {{rollout::kPlaces, {}}}));
    // Everybody is told, and has what it is told before the new deployment begins.
    for (int turn = 0; turn <= kFetchingMax + 1; ++turn) TRY(ask_all());
    old_ = number_;
    TRY(deploy("2.0", five_waves()));
    TRY(roll());
    return conclude();
  }

 private:
  service::Deps& deps() { return world_.host().deps(); }
  WallTime now() { return world_.clock().wall_time(); }

  Result<void> enrol() {
    for (int i = 0; i < options_.devices; ++i) {
      Device device;
      device.name = cat("hf-", i);
      device.fails = static_cast<int>(chance_.below(100)) < options_.failing_percent;
      devices_.push_back(std::move(device));
    }
    for (std::size_t from = 0; from < devices_.size(); from += kRowsPerWrite) {
      const std::size_t to = std::min(from + kRowsPerWrite, devices_.size());
      TRY(deps().store.write([&](ports::Transaction& tx) -> Result<void> {
        for (std::size_t i = from; i < to; ++i) TRY(Table<ports::DeviceRow>(tx).insert(row_of(i)));
        return {};
      }));
    }
    return {};
  }

  ports::DeviceRow row_of(std::size_t number) const {
    ports::DeviceRow row;
    row.catalog = kCatalog;
    row.device = devices_[number].name;
    for (std::size_t i = 0; i < sizeof(number); ++i) row.ek_sha256[i] = static_cast<std::uint8_t>(number >> (8 * i));
    row.product = kProduct;
    row.device_group = kGroup;
    row.last_verdict = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
    return row;
  }

  Result<void> deploy(const std::string& version, std::vector<rollout::Wave> waves) {
    number_ = TRY(desk_.deploy(deps(), {cat("door/", version, "/image")}, std::move(waves), now()));
    return {};
  }

  wire::CheckInRequest word_of(const Device& device) const {
    wire::CheckInRequest out;
    out.director = device.director;
    if (device.fetching > 0) {
      out.updates = {{"door", "door/2.0/image", wire::UpdatePhase::Fetching, ""}};
    } else if (device.has_failed) {
      out.updates = {{"door", "door/2.0/image", wire::UpdatePhase::Failed, "application-down"}};
    }
    return out;
  }

  Result<void> ask(Device& device) {
    if (device.fetching > 0) {
      --device.fetching;
      device.has_failed = device.fetching == 0 && device.fails && old_ != 0;
    }
    const service::DeviceCaller caller{std::string(kCatalog), device.name, ports::CertificateKind::Client};
    const auto told = TRY(service::check_in::check_in(word_of(device), caller, deps(), now()));
    ++report_.check_ins;
    if (told.director == device.director) return {};
    device.director = told.director;
    device.fetching = 1 + static_cast<std::int64_t>(chance_.below(kFetchingMax));
    device.has_failed = false;
    return {};
  }

  Result<void> ask_all() {
    for (Device& device : devices_) TRY(ask(device));
    deps().store.flush([](const Result<void>&) {});
    world_.clock().advance(kAsksEvery);
    return {};
  }

  Result<DeploymentRow> deployment() {
    std::optional<DeploymentRow> out;
    TRY(deps().store.read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(rollout::find_deployment(tx, kCatalog, number_));
      tally_ = TRY(rollout::read_tally(TRY(rollout::tally_of(tx, kCatalog, number_))));
      return {};
    }));
    return *std::move(out);
  }

  Result<void> roll() {
    std::int64_t wave = 0;
    for (; report_.hours < kHoursMax; report_.hours += kAsksEvery / hours(1)) {
      TRY(ask_all());
      const DeploymentRow row = TRY(deployment());
      report_.by_wave[static_cast<std::size_t>(row.wave)] = tally_.confirmed;
      wave = std::max(wave, row.wave);
      if (row.state != DeploymentState::Running) {
        report_.stopped = row.reason;
        return {};
      }
      if (tally_.confirmed == options_.devices) return {};
    }
    return fail(Next::Corrupt, Reason{"rollout-endless"},
                cat("expected every device to have it within ", kHoursMax, " hours, saw ", tally_.confirmed));
  }

  /// What each device follows is what it was directed to last.
  Result<RolloutReport> conclude() {
    trust::crypto::RunningSha256 hash;
    TRY(deps().store.read([&](ports::Transaction& tx) -> Result<void> {
      for (const Device& device : devices_) {
        const auto row = TRY(Table<DirectionRow>(tx).find(kCatalog, device.name));
        if (!row || row->version != device.director) {
          return fail(Next::Corrupt, Reason{"direction-lost"}, cat(device.name, " follows what it was not told"));
        }
        report_.has_it += row->deployment == number_ ? 1 : 0;
        hash.add(as_bytes(cat(device.name, " ", row->deployment, " ", row->version, " ", row->since.ms, "\n")));
      }
      return {};
    }));
    report_.digest = hash.take();
    return report_;
  }

  RolloutOptions options_;
  World world_;
  ReleaseDesk desk_{world_.owner(), kCatalog};
  sim::random::SeededRandom chance_;
  std::vector<Device> devices_;
  std::int64_t number_ = 0;
  std::int64_t old_ = 0;
  rollout::Tally tally_;
  RolloutReport report_;
};

}  // namespace

Result<RolloutReport> run_rollout(const RolloutOptions& options) { return Rollout(options).run(); }

std::string text_of(const RolloutReport& report) {
  std::string waves;
  for (const std::int64_t one : report.by_wave) waves += cat(waves.empty() ? "" : ", ", one);
  return cat(report.check_ins, " check-ins in ", report.hours, " hours; confirmed by wave: ", waves,
             "; directed to it: ", report.has_it, report.stopped.empty() ? "" : cat("; stopped: ", report.stopped),
             "; digest ", to_hex(report.digest).substr(0, 16));
}

}  // namespace holdfast::programs::simulation
