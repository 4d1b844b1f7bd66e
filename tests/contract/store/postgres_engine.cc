#include "base/check.h"
#include "contract/store/engine.h"
#include "contract/store/rows.h"
#include "linux/store/postgres/database.h"
#include "postgres/postgres_server.h"

namespace holdfast::contract {
namespace {

/// Starting one takes seconds, a database in it a fraction of one.
tests::PostgresServer& server() {
  static tests::PostgresServer server;
  return server;
}

class PostgresEngine final : public Engine {
 public:
  PostgresEngine() { open(); }
  ports::Store& store() override { return *database_; }
  /// The server loses everything that it has not put on disk.
  void reopen() override {
    server().crash();
    database_.reset();
    server().start();
    open();
  }

 private:
  void open() {
    auto opened = linux::store::postgres::Database::open({.url = url_}, contract_migrations());
    if (!opened) std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    CHECK_INVARIANT(opened.has_value());
    database_ = *std::move(opened);
  }

  const std::string url_ = server().new_database();
  std::unique_ptr<linux::store::postgres::Database> database_;
};

}  // namespace

std::unique_ptr<Engine> Engine::make() { return std::make_unique<PostgresEngine>(); }

}  // namespace holdfast::contract
