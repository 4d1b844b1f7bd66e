// What it costs the embedded store that each of 256 check-ins is on disk before anybody is told, beside one batch.
#include <time.h>

#include <atomic>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "bench/rows.h"
#include "linux/store/sqlite/database.h"
#include "ports/store/rows/device.h"
#include "temporary_folder.h"

namespace holdfast::bench {
namespace {

using linux::store::sqlite::Database;
using ports::DeviceRow;
using ports::Table;

constexpr std::size_t kThreads = 2;  ///< as a service with two cores has
constexpr const char* kCatalog = "bench";
constexpr WallTime kStart = WallTime::from_seconds(1'800'000'000);

std::int64_t process_cpu_ns() {
  timespec now{};
  CHECK_INVARIANT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string device_name(std::size_t number) { return cat("hf-0000-0000-0000-", 1000 + number); }

struct Devices {
  tests::TemporaryFolder folder;
  std::unique_ptr<Database> store;
  WallTime now = kStart;

  Result<void> open() {
    store = TRY(Database::open({.path = (folder.path() / "bench.db").string()}, ports::migrations()));
    return store->write([](ports::Transaction& tx) -> Result<void> {
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        DeviceRow row;
        row.catalog = kCatalog;
        row.device = device_name(i);
        row.enrolled_at = kStart;
        row.ek_sha256[0] = static_cast<std::uint8_t>(i);
        row.ek_sha256[1] = static_cast<std::uint8_t>(i >> 8);
        row.ak_public = Blob(90, 1);
        row.running = R"([{"component":"os","version":"1.0.0","security_version":1}])";
        TRY(Table<DeviceRow>(tx).insert(row));
      }
      return {};
    });
  }

  /// What a check-in changes.
  Result<void> see(ports::Transaction& tx, std::size_t number) const {
    Table<DeviceRow> devices(tx);
    auto row = TRY(devices.find(kCatalog, device_name(number)));
    CHECK_INVARIANT(row);
    row->last_seen_at = now;
    return devices.update(*row);
  }

  void flushed() const {
    std::atomic<bool> done = false;
    store->flush([&](const Result<void>& result) {
      CHECK_INVARIANT(result);
      done = true;
      done.notify_one();
    });
    done.wait(false);
  }

  void one_by_one() {
    now = now + seconds(1);
    std::atomic<std::size_t> open = kAtOnce;
    const auto serve = [&](std::size_t from) {
      for (std::size_t i = from; i < kAtOnce; i += kThreads) {
        CHECK_INVARIANT(store->write([&](ports::Transaction& tx) { return see(tx, i); }));
        store->flush([&](const Result<void>& result) {
          CHECK_INVARIANT(result);
          if (--open == 0) open.notify_one();
        });
      }
    };
    std::vector<std::jthread> threads;
    for (std::size_t from = 0; from < kThreads; ++from) threads.emplace_back(serve, from);
    for (std::size_t left = open; left != 0; left = open) open.wait(left);
  }

  void in_one_batch() {
    now = now + seconds(1);
    CHECK_INVARIANT(store->write([&](ports::Transaction& tx) -> Result<void> {
      for (std::size_t i = 0; i < kAtOnce; ++i) TRY(see(tx, i));
      return {};
    }));
    flushed();
  }
};

Result<std::shared_ptr<Devices>> open_devices() {
  auto devices = std::make_shared<Devices>();
  TRY(devices->open());
  return devices;
}

}  // namespace

Result<Comparison> durable_rows() {
  const auto devices = TRY(open_devices());
  Comparison out;
  out.name = "durable-rows";
  out.what = "rows of durable check-ins, 256 at once";
  out.against = "one batch of the same rows";
  out.ratio_max = 1.3;
  out.subject = [devices] { devices->one_by_one(); };
  out.peer = [devices] { devices->in_one_batch(); };
  out.cpu_ns = process_cpu_ns;
  out.per_call = kAtOnce;
  return out;
}

Result<Figure> acknowledgements_per_sync() {
  constexpr int kTurns = 100;
  const auto devices = TRY(open_devices());
  const auto before = devices->store->activity();
  for (int turn = 0; turn < kTurns; ++turn) devices->one_by_one();
  const auto after = devices->store->activity();
  const auto syncs = static_cast<double>(after.syncs - before.syncs);
  return Figure{.what = "acknowledged per fsync, 256 at once",
                .unit = "",
                .value = static_cast<double>(after.acknowledged - before.acknowledged) / syncs,
                .bound = 64,
                .at_least = true};
}

}  // namespace holdfast::bench
