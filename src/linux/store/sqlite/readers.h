// A few connections that only read, each seeing the newest commit as of its begin, none waiting for a writer.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "linux/store/sqlite/connection.h"

namespace holdfast::linux::store::sqlite {

class Readers {
 public:
  explicit Readers(std::vector<std::unique_ptr<Connection>> connections) : free_(std::move(connections)) {}

  /// Waits while all connections are in use.
  Result<void> read(const ports::Work& work);

 private:
  std::unique_ptr<Connection> take();
  void give_back(std::unique_ptr<Connection> connection);

  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Connection>> free_;
};

}  // namespace holdfast::linux::store::sqlite
