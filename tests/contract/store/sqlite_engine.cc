#include "base/check.h"
#include "contract/store/engine.h"
#include "contract/store/rows.h"
#include "linux/store/sqlite/database.h"
#include "temporary_folder.h"

namespace holdfast::contract {
namespace {

class SqliteEngine final : public Engine {
 public:
  SqliteEngine() { open(); }
  ports::Store& store() override { return *database_; }
  void reopen() override {
    database_.reset();
    open();
  }

 private:
  void open() {
    auto opened = linux::store::sqlite::Database::open({.path = folder_.path() / "store.db"}, contract_migrations());
    CHECK_INVARIANT(opened.has_value());
    database_ = *std::move(opened);
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<linux::store::sqlite::Database> database_;
};

}  // namespace

std::unique_ptr<Engine> Engine::make() { return std::make_unique<SqliteEngine>(); }

}  // namespace holdfast::contract
