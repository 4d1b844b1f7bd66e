// Durable state as serialisable transactions over tables. Two promises, kept apart so that many requests share one
// fsync: a write that returned is visible to every later transaction; it survives a power cut once a flush that began
// after it has called back. Nobody outside is told of a write before its flush.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "ports/store/schema.h"

namespace holdfast::ports {

inline constexpr Reason kRowExists{"row-exists"};
inline constexpr Reason kRowMissing{"row-missing"};
inline constexpr Reason kStoreFailed{"store-failed"};
inline constexpr Reason kStoreBusy{"store-busy"};
inline constexpr Reason kStoreReadOnly{"store-read-only"};
inline constexpr Reason kWriteTooLarge{"write-too-large"};

inline constexpr std::size_t kScanRowsMax = 10'000;
inline constexpr std::size_t kWriteRowsMax = 100'000;  ///< rows that one transaction inserts, updates or erases

/// Rows in the order of an index and then of the key (or of the primary key alone), limited to those that begin with
/// `prefix`. Integers sort as numbers, text and blobs by their bytes; NULL comes before everything, and a NULL in the
/// prefix stands for rows that have NULL there.
struct Scan {
  std::string_view index = {};  ///< empty: the primary key
  Record prefix = {};           ///< values of the first columns of that index
  std::optional<Record> after =
      {};                   ///< only rows behind this cursor: Table::cursor() of the last row of the page before
  std::size_t limit = 100;  ///< at most kScanRowsMax
  bool descending = false;
};

/// One transaction; lives no longer than the call of its Work. A row that is there already or missing leaves the
/// transaction as it was; every other failure ends it, and nothing of it stays.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// The work that it belongs to (wire/trace.h), for what is written of it; empty: nobody said.
  const std::string& trace() const { return trace_; }
  void set_trace(std::string trace) { trace_ = std::move(trace); }

  /// Conflict (kRowExists) when the key or a unique index already has it.
  virtual Result<void> insert(const Schema& schema, const Record& row) = 0;
  /// Replaces the row with the same key; NotFound (kRowMissing) when there is none, Conflict as above.
  virtual Result<void> update(const Schema& schema, const Record& row) = 0;
  virtual Result<void> erase(const Schema& schema, const Record& key) = 0;  ///< NotFound when there is none
  virtual Result<std::optional<Record>> get(const Schema& schema, const Record& key) = 0;
  virtual Result<std::vector<Record>> scan(const Schema& schema, const Scan& scan) = 0;

 private:
  std::string trace_;
};

/// Runs once or again from the start: after a serialisation conflict, or where an engine that does not wait for each
/// change told it that one was made which was not. So it must have no effects but through `tx` and by assigning its
/// results, and may not call the store. An error rolls everything back and is what the call returns.
using Work = std::function<Result<void>(Transaction& tx)>;

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> write(const Work& work) = 0;
  virtual Result<void> read(const Work& work) = 0;
  /// Calls `done` once everything written before this call is durable, or with why it is not: then what the calling
  /// thread wrote or saw since its last flush may be gone. So a request's flush is called by the thread that served it.
  /// `done` may be called on another thread or before this returns; it must be quick, since others wait behind it.
  virtual void flush(std::function<void(Result<void>)> done) = 0;
  /// The calling thread begins something new: nobody was or will be told of what it wrote or saw since its last flush,
  /// so that the loss of that is nothing to its next one.
  virtual void forget_past() {}
};

}  // namespace holdfast::ports
