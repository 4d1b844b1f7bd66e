#include "linux/store/sqlite/database.h"

#include <algorithm>

#include "base/text.h"
#include "linux/store/sqlite/checkpointer.h"
#include "linux/store/sqlite/migrate.h"
#include "linux/store/sqlite/readers.h"

namespace holdfast::linux::store::sqlite {
namespace {

class OpenDatabase final : public Database {
 public:
  OpenDatabase(std::unique_ptr<Checkpointer> checkpointer, std::unique_ptr<Connection> connection,
               std::unique_ptr<WalFile> wal, Duration commit_after, std::vector<std::unique_ptr<Connection>> readers)
      : checkpointer_(std::move(checkpointer)),
        readers_(std::move(readers)),
        writer_(std::move(connection), std::move(wal),
                {commit_after, [at = checkpointer_.get()](std::size_t pages) { at->wal_has(pages); }}) {
    checkpointer_->start(writer_);
  }

  /// The thread that checkpoints uses the writer, and the writer tells it of commits: stop the one, then the other.
  ~OpenDatabase() override { checkpointer_->stop(); }

  Result<void> write(const ports::Work& work) override { return writer_.write(work); }

  Result<void> read(const ports::Work& work) override {
    if (writer_.must_read_here()) {
      if (auto result = writer_.read_uncommitted(work)) return *std::move(result);
    }
    return readers_.read(work);
  }

  void flush(std::function<void(Result<void>)> done) override { writer_.flush(std::move(done)); }

  Activity activity() const override {
    return {writer_.commits(), writer_.syncs(), writer_.acknowledged(), checkpointer_->checkpoints()};
  }

 private:
  std::unique_ptr<Checkpointer> checkpointer_;  // its connection closes last, and puts the whole WAL into the file
  Readers readers_;
  Writer writer_;
};

/// Another process may be doing the same at this moment.
Result<void> switch_to_wal(Connection& connection) {
  constexpr int kTriesMax = 20;
  Result<void> switched;
  for (int i = 0; i < kTriesMax; ++i) {
    switched = connection.run("PRAGMA journal_mode = WAL");
    if (switched || switched.error().reason != ports::kStoreBusy) break;
    std::this_thread::sleep_for(Duration(50));
  }
  return switched;
}

Result<std::unique_ptr<Connection>> open_writer(const std::string& path,
                                                const std::vector<ports::Migration>& migrations) {
  auto connection = TRY(Connection::open(path, Access::Write));
  TRY(switch_to_wal(*connection));
  TRY(connection->run("PRAGMA synchronous = FULL"));
  TRY(migrate(*connection, migrations));
  // From here on commits do not sync; the writer does, for many at once. Checkpoints still sync both files.
  TRY(connection->run("PRAGMA synchronous = NORMAL"));
  return connection;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Options& options,
                                                 const std::vector<ports::Migration>& migrations) {
  TRY(prepare_file(options.path));
  auto connection = TRY(open_writer(options.path, migrations));
  auto wal = TRY(WalFile::open(connection->wal_path(), options.sync));
  auto background = TRY(Connection::open(options.path, Access::Write));
  TRY(background->run("PRAGMA synchronous = NORMAL"));
  // A run that ended after a failed sync may have left pages that were never written: write them all anew.
  if (const auto state = background->checkpoint(); !state && state.error().reason != ports::kStoreBusy) {
    return std::unexpected(state.error());
  }
  std::vector<std::unique_ptr<Connection>> readers;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
    readers.push_back(TRY(Connection::open(options.path, Access::Read)));
  }
  auto checkpointer = std::make_unique<Checkpointer>(std::move(background), options.checkpoint_pages);
  return std::make_unique<OpenDatabase>(std::move(checkpointer), std::move(connection), std::move(wal),
                                        options.commit_after, std::move(readers));
}

}  // namespace holdfast::linux::store::sqlite
