#include "programs/holdfastd/open_store.h"

#include <future>

#include "base/text.h"
#include "linux/store/postgres/database.h"
#include "linux/store/sqlite/connection.h"
#include "linux/store/sqlite/database.h"
#include "linux/system/files.h"
#include "ports/store/migration.h"

namespace holdfast::programs {
namespace {

constexpr Reason kDatabaseMalformed{"database-malformed"};
constexpr std::size_t kUrlBytesMax = 4096;

Result<std::string> url_of(const std::string& database) {
  if (!database.starts_with('@')) return database;
  const Secret file = TRY(linux::system::read_secret_file(database.substr(1), kUrlBytesMax));
  std::string url(file.expose().begin(), file.expose().end());
  while (url.ends_with('\n')) url.pop_back();
  return url;
}

template <class Database>
OpenedStore opened(std::unique_ptr<Database> database) {
  const Database& asked = *database;
  return {std::move(database), [&asked] {
            const auto seen = asked.activity();
            StoreActivity out{seen.commits, 0, seen.syncs, seen.acknowledged};
            if constexpr (requires { seen.conflicts; }) out.conflicts = seen.conflicts;
            return out;
          }};
}

}  // namespace

Result<OpenedStore> open_store(const std::filesystem::path& folder, const std::optional<std::string>& database) {
  if (!database) {
    auto file =
        TRY(linux::store::sqlite::Database::open({.path = (folder / "holdfast.sqlite").string()}, ports::migrations()));
    return opened(std::move(file));
  }
  const std::string url = TRY(url_of(*database));
  if (!url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
    return fail(Next::Rejected, kDatabaseMalformed,
                "expected a database such as postgres://user@host/name, saw something else");
  }
  auto server = TRY(linux::store::postgres::Database::open({.url = url}, ports::migrations()));
  return opened(std::move(server));
}

Result<void> flush(ports::Store& store) {
  std::promise<Result<void>> flushed;
  store.flush([&](Result<void> result) { flushed.set_value(std::move(result)); });
  return flushed.get_future().get();
}

bool is_lost_for_good(const Error& error) { return error.reason == linux::store::sqlite::kStoreDiskFailed; }

}  // namespace holdfast::programs
