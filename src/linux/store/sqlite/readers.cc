#include "linux/store/sqlite/readers.h"

#include "linux/store/sqlite/transaction.h"

namespace holdfast::linux::store::sqlite {
namespace {

Result<void> read_on(Connection& connection, const ports::Work& work) {
  TRY(connection.act(Action::BeginRead));
  const Result<void> result = ReadTransaction(connection).run(work);
  if (connection.in_transaction()) TRY(connection.act(Action::Rollback));
  return result;
}

}  // namespace

std::unique_ptr<Connection> Readers::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return !free_.empty(); });
  std::unique_ptr<Connection> connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(connection));
  }
  given_back_.notify_one();
}

Result<void> Readers::read(const ports::Work& work) {
  std::unique_ptr<Connection> connection = take();
  Result<void> result = read_on(*connection, work);
  give_back(std::move(connection));
  return result;
}

}  // namespace holdfast::linux::store::sqlite
