// The files under a SQLite database, as far as SQLite leaves them to us.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace holdfast::linux::store::sqlite {

/// Makes the file with mode 0600 when there is none, and takes the rights of others from one that is there. Never opens
/// a file that is there: closing it would drop the locks of every connection that this process has on it.
Result<void> prepare_file(const std::string& path);

/// Puts what was written through a descriptor on disk; 0, or -1 with errno.
using Sync = std::function<int(int descriptor)>;

/// The WAL through a descriptor of our own, so that it can be synced while SQLite goes on writing to it.
class WalFile {
 public:
  static Result<std::unique_ptr<WalFile>> open(const std::string& path, Sync sync);
  WalFile(const WalFile&) = delete;
  WalFile& operator=(const WalFile&) = delete;
  ~WalFile();

  Result<void> sync();

 private:
  WalFile(int descriptor, Sync sync) : descriptor_(descriptor), sync_(std::move(sync)) {}

  int descriptor_;
  Sync sync_;
};

}  // namespace holdfast::linux::store::sqlite
