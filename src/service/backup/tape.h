// Where a backup goes to and comes from: bytes in one direction, as a file or a pipe gives them.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::service::backup {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(Bytes bytes) = 0;
  /// Forgets everything that was written: the transaction that is read begins again.
  virtual Result<void> rewind() = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  /// Exactly `size` bytes; Corrupt where it ends before.
  virtual Result<Blob> read(std::size_t size) = 0;
};

}  // namespace holdfast::service::backup
