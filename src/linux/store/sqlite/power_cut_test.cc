// Power cuts at random instants of a busy store, looked at on the torn disk: what was acknowledged is there, every
// transaction is there whole or not at all, in order, and the file is sound.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "linux/store/sqlite/database.h"
#include "linux/store/sqlite/test_rows.h"
#include "linux/store/sqlite/torn_disk.h"
#include "temporary_folder.h"

using namespace holdfast;
using namespace holdfast::linux::store::sqlite;
using ports::Table;
using ports::Transaction;

namespace {

constexpr std::size_t kWriters = 3;
using Progress = std::array<std::int64_t, kWriters>;

struct Image {
  Progress acknowledged;  ///< as of an instant before the cut
  std::map<std::string, Blob> files;
};

std::string writer_name(std::size_t writer) { return cat("writer ", writer); }

/// One transaction of three rows that must agree.
Result<void> write_step(Transaction& tx, std::size_t writer, std::int64_t step) {
  const auto number = static_cast<std::int64_t>(writer) * 1'000'000 + step;
  TRY(Table<Note>(tx).insert({number, std::string(static_cast<std::size_t>(step % 700), 'x')}));
  if (step == 0) return Table<Tally>(tx).insert({writer_name(writer), 0});
  return Table<Tally>(tx).update({writer_name(writer), step});
}

/// Writes until told to stop; every step is flushed, and every third waited for.
void keep_writing(ports::Store& store, std::size_t writer,
                  std::array<std::atomic<std::int64_t>, kWriters>& acknowledged, const std::atomic<bool>& over) {
  for (std::int64_t step = 0; !over; ++step) {
    if (!store.write([&](Transaction& tx) { return write_step(tx, writer, step); })) return;
    const auto told = [&acknowledged, writer, step](const Result<void>& result) {
      if (result) acknowledged[writer] = step;
    };
    store.flush(told);
    while (step % 3 == 0 && acknowledged[writer] < step && !over) std::this_thread::sleep_for(Duration(1));
  }
}

/// Runs a busy store on a torn disk and takes what power cuts would leave.
std::vector<Image> images_of_a_busy_store(const std::filesystem::path& folder, bool honest_sync) {
  TornDisk disk;
  const std::string path = folder / "busy.db";
  const auto sync = [&](int) {
    if (honest_sync) disk.synced(path + "-wal");
    return 0;
  };
  auto database = Database::open({.path = path, .commit_after = Duration(3), .checkpoint_pages = 30, .sync = sync},
                                 test_migrations());
  REQUIRE(database);
  std::array<std::atomic<std::int64_t>, kWriters> acknowledged{-1, -1, -1};
  std::atomic<bool> over = false;
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] { keep_writing(**database, i, acknowledged, over); });
  }
  std::vector<Image> images;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::this_thread::sleep_for(Duration(2 + seed % 7));
    Image image{{acknowledged[0], acknowledged[1], acknowledged[2]}, {}};
    image.files = disk.after_power_cut(seed);
    images.push_back(std::move(image));
  }
  over = true;
  for (std::thread& writer : writers) writer.join();
  CHECK((*database)->activity().checkpoints > 3);
  return images;
}

/// Puts an image on a real disk; the path of the database there.
std::string restore(const Image& image, const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  std::string database;
  for (const auto& [path, content] : image.files) {
    const std::string to = folder / std::filesystem::path(path).filename();
    std::ofstream file(to, std::ios::binary);
    for (const std::uint8_t byte : content) file.put(static_cast<char>(byte));
    if (to.ends_with(".db")) database = to;
  }
  return database;
}

bool is_sound(const std::string& path) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  std::string verdict;
  if (sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    verdict = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return verdict == "ok";
}

/// The last step of each writer in the file; steps must be whole and without gaps.
Progress progress_in(const std::string& path) {
  Progress progress{-1, -1, -1};
  const auto database = Database::open({.path = path}, test_migrations());
  REQUIRE(database);
  REQUIRE((*database)->read([&](Transaction& tx) -> Result<void> {
    for (const Note& note : TRY(Table<Note>(tx).scan({.limit = ports::kScanRowsMax}))) {
      std::int64_t& last = progress[static_cast<std::size_t>(note.number / 1'000'000)];
      CHECK(note.number % 1'000'000 == ++last);
    }
    for (std::size_t i = 0; i < kWriters; ++i) {
      const auto tally = TRY(Table<Tally>(tx).find(writer_name(i)));
      CHECK((tally ? tally->value : -1) == progress[i]);
    }
    return {};
  }));
  return progress;
}

/// How many images lack something that was acknowledged.
int images_with_losses(const std::vector<Image>& images, const std::filesystem::path& folder) {
  int losses = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::string path = restore(images[i], folder / cat(i));
    CHECK(is_sound(path));
    const Progress progress = progress_in(path);
    bool lost = false;
    for (std::size_t k = 0; k < kWriters; ++k) lost = lost || progress[k] < images[i].acknowledged[k];
    if (lost) ++losses;
  }
  return losses;
}

}  // namespace

TEST_CASE("a power cut at any instant loses no acknowledged write and tears no transaction") {
  const tests::TemporaryFolder folder;
  const auto images = images_of_a_busy_store(folder.path(), true);
  CHECK(images.back().acknowledged[0] > 0);
  CHECK(images_with_losses(images, folder.path()) == 0);
}

TEST_CASE("control: on a disk whose sync does nothing, acknowledged writes are lost") {
  const tests::TemporaryFolder folder;
  const auto images = images_of_a_busy_store(folder.path(), false);
  CHECK(images_with_losses(images, folder.path()) > 0);
}
