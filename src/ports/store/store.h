// Durable state as serialisable transactions over tables. Two promises, kept apart so that many requests share one
// fsync: a write that returned is visible to every later transaction; it survives a power cut once a flush that began
// after it has called back. Nobody outside is told of a write before its flush.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "ports/store/schema.h"

namespace holdfast::ports {

inline constexpr Reason kRowExists{"row-exists"};
inline constexpr Reason kRowMissing{"row-missing"};
inline constexpr Reason kStoreFailed{"store-failed"};
inline constexpr Reason kStoreBusy{"store-busy"};
inline constexpr Reason kStoreReadOnly{"store-read-only"};

inline constexpr std::size_t kScanRowsMax = 10'000;

/// Rows in the order of an index (or of the primary key), limited to those that begin with `prefix`.
struct Scan {
  std::string_view index;       ///< empty: the primary key
  Record prefix;                ///< values of the first columns of that index
  std::optional<Record> after;  ///< index columns, then key columns, of the last row of the page before
  std::size_t limit = 100;      ///< at most kScanRowsMax
  bool descending = false;
};

/// One transaction; lives no longer than the call of its Work. Every failure but a conflict of rows ends the
/// transaction.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// Conflict (kRowExists) when the key or a unique index already has it; the transaction goes on.
  virtual Result<void> insert(const Schema& schema, const Record& row) = 0;
  /// Replaces the row with the same key; NotFound (kRowMissing) when there is none.
  virtual Result<void> update(const Schema& schema, const Record& row) = 0;
  virtual Result<void> erase(const Schema& schema, const Record& key) = 0;  ///< NotFound when there is none
  virtual Result<std::optional<Record>> get(const Schema& schema, const Record& key) = 0;
  virtual Result<std::vector<Record>> scan(const Schema& schema, const Scan& scan) = 0;
};

/// Runs once or, after a serialisation conflict, again from the start: it must have no effects but through `tx`.
/// An error rolls everything back and is what the call returns.
using Work = std::function<Result<void>(Transaction& tx)>;

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> write(const Work& work) = 0;
  virtual Result<void> read(const Work& work) = 0;
  /// Calls `done` once everything written before this call is durable, or with why it is not. It may call from another
  /// thread, or before it returns.
  virtual void flush(std::function<void(Result<void>)> done) = 0;
};

}  // namespace holdfast::ports
