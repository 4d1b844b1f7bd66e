// Run and killed by sqlite_kill_test.cc: writes entries to the SQLite file argv[1], from number argv[2] on, in several
// threads, and says each number on standard output (8 bytes) once its flush has called back. Never ends by itself.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "contract/store/rows.h"
#include "linux/store/sqlite/database.h"

using namespace holdfast;
using namespace holdfast::contract;

namespace {

void keep_writing(ports::Store& store, std::atomic<std::int64_t>& next) {
  while (true) {
    const std::int64_t number = next++;
    const auto written = store.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(ports::Table<Entry>(tx).insert({number, "entry"}));
      return ports::Table<Ship>(tx).insert(ship("killed", number, "Kiel", number % 7));
    });
    if (!written) std::exit(1);
    store.flush([number](const Result<void>& result) {
      if (!result || write(STDOUT_FILENO, &number, sizeof number) != sizeof number) std::exit(1);
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto database =
      linux::store::sqlite::Database::open({.path = argv[1], .checkpoint_pages = 100}, contract_migrations());
  if (!database) return 1;
  std::atomic<std::int64_t> next = std::strtoll(argv[2], nullptr, 10);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { keep_writing(**database, next); });
  for (std::thread& thread : threads) thread.join();
}
