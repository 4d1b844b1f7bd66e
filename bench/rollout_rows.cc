// What deployments cost the service: a check-in of a device that follows one, against a check-in that knows of none; a
// deployment to as many devices as another system takes a minute for; and a whole fleet through five waves.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/check.h"
#include "base/text.h"
#include "bench/fleet.h"
#include "linux/store/sqlite/database.h"
#include "linux/system/files.h"
#include "ports/store/migration.h"
#include "ports/store/rows/device.h"
#include "programs/simulation/rollout.h"
#include "service/rollout/deployments.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kFollowing = kAtOnce / 2;  ///< the second half of the fleet
constexpr int kAssigned = 140'000;
constexpr std::size_t kRowsPerWrite = 5000;
constexpr std::string_view kCatalog = "bench";

void must(const Result<void>& done) {
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  CHECK_INVARIANT(done);
}

/// What an owner does until half of the fleet is to have an application.
Result<void> deploy(Fleet& fleet) {
  Servers& servers = *fleet.servers();
  const std::string owner = (servers.folder() / "owner").string();
  const std::string images = (servers.folder() / "repository").string();
  const std::string image = (servers.folder() / "door").string();
  TRY(linux::system::write_file(image, as_bytes("a door"), linux::system::FileMode::Private));
  TRY(servers.operate({"device-group", "create", "updated", "--product", "gateway", "--catalog", "bench"}));
  for (std::size_t i = 0; i < kFollowing; ++i) {
    TRY(servers.operate({"device", "move", fleet.device(kFollowing + i).id(), "--product", "gateway", "--device-group",
                         "updated", "--catalog", "bench"}));
  }
  TRY(servers.operate({"release", "init", "--repository", images, "--dir", owner}));
  TRY(servers.operate({"release", "publish", image, "--repository", images, "--dir", owner, "--kind", "application",
                       "--product", "gateway", "--hardware", "board", "--component", "door", "--version", "1.0",
                       "--security-version", "1"}));
  TRY(servers.operate({"release", "upload", "--repository", images, "--catalog", "bench"}));
  TRY(servers.operate({"director", "appoint", "--catalog", "bench", "--owner", owner}));
  return servers.operate({"deployment", "create", "door/1.0/image", "--product", "gateway", "--device-group", "updated",
                          "--catalog", "bench", "--wave", "100"});
}

std::string text_of_images() {
  return json::dump(json::Object{{"door/1.0/image", json::Object{{"length", 6}, {"sha256", std::string(64, 'a')}}}});
}

Result<void> enrol(ports::Store& store, int devices) {
  for (int from = 0; from < devices; from += static_cast<int>(kRowsPerWrite)) {
    TRY(store.write([&](ports::Transaction& tx) -> Result<void> {
      for (int i = from; i < std::min(devices, from + static_cast<int>(kRowsPerWrite)); ++i) {
        ports::DeviceRow row;
        row.catalog = kCatalog;
        row.device = cat("hf-", i);
        for (std::size_t at = 0; at < sizeof(i); ++at) row.ek_sha256[at] = static_cast<std::uint8_t>(i >> (8 * at));
        row.product = "gateway";
        row.device_group = "field";
        TRY(ports::Table<ports::DeviceRow>(tx).insert(row));
      }
      return {};
    }));
  }
  return {};
}

}  // namespace

Result<Comparison> update_checks() {
  const auto fleet = TRY(Fleet::get());
  TRY(deploy(*fleet));
  // Each is told, follows, and has confirmed it.
  const auto follow = [fleet](std::size_t number) {
    if (number >= kFollowing) must(fleet->device(number).check_in_following(1));
  };
  const auto plain = [fleet](std::size_t number) {
    if (number < kFollowing) must(fleet->device(number).check_in_again());
  };
  fleet->all([fleet](std::size_t number) { must(fleet->device(number).check_in_again()); });
  fleet->all(follow);
  Comparison out;
  out.name = "update-check";
  out.what = "update check that finds nothing, 128 at once";
  out.against = "keep-alive check-in without deployments";
  out.ratio_max = 1.2;
  out.subject = [fleet, follow] { fleet->all(follow); };
  out.peer = [fleet, plain] { fleet->all(plain); };
  out.cpu_ns = [fleet] { return fleet->servers()->cpu_ns(); };
  out.per_call = kFollowing;
  return out;
}

/// All that the service does between the request and its answer, and nothing afterwards: a device finds its deployment
/// when it asks.
Result<Figure> deployment_of_140_000() {
  const auto servers = TRY(Servers::get());
  const auto store = TRY(linux::store::sqlite::Database::open(
      {.path = (servers->folder() / "assigned.sqlite").string()}, ports::migrations()));
  TRY(enrol(*store, kAssigned));
  const auto began = std::chrono::steady_clock::now();
  service::rollout::DeploymentOrder order{std::string(kCatalog),           "gateway", "field", {"door/1.0/image"},
                                          service::rollout::usual_waves(), {}};
  TRY(store->read([&](ports::Transaction& tx) -> Result<void> {
    order.reach = TRY(service::rollout::reach_of(tx, order));
    return {};
  }));
  ports::DeploymentRow row;
  row.catalog = order.catalog;
  row.number = 1;
  row.product = order.product;
  row.device_group = order.device_group;
  row.images = text_of_images();
  row.places = order.waves.front().places;
  row.waves = json::dump(service::rollout::to_json(order.waves));
  TRY(store->write([&](ports::Transaction& tx) { return ports::Table<ports::DeploymentRow>(tx).insert(row); }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK_INVARIANT(order.reach.back() == kAssigned);
  return Figure{
      .what = "deployment to 140,000 devices (others: > 60 s)", .unit = "s", .value = took.count(), .bound = 5};
}

Result<Figure> rollout_of_100_000() {
  const std::int64_t before = thread_cpu_ns();
  const auto report = TRY(programs::simulation::run_rollout({.seed = 1, .devices = 100'000}));
  CHECK_INVARIANT(report.has_it == 100'000);
  return Figure{.what = "100,000 simulated devices in five waves",
                .unit = "s",
                .value = static_cast<double>(thread_cpu_ns() - before) / 1e9,
                .bound = 300};
}

}  // namespace holdfast::bench
