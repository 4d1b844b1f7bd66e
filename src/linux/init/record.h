// What the first process keeps for itself, in a partition that nobody else writes or fills: two copies, of which the
// later one that is whole counts. A power cut while one is being written leaves the other.
#pragma once

#include <filesystem>
#include <vector>

#include "base/json/value.h"
#include "ports/vault.h"

namespace holdfast::linux::init {

inline constexpr Reason kRecordFailed{"record-failed"};
inline constexpr Reason kRecordMalformed{"record-malformed"};
/// What each copy has room for.
inline constexpr std::size_t kRecordBytesMax = 64 * 1024;
inline constexpr std::size_t kSealedKeysMax = 4;

struct Record {
  std::int64_t boots = 0;
  std::vector<ports::VaultKey> sealed;  ///< the key of the sealed storage, for each authority that may have it opened
  json::Object others = {};             ///< of a later version that was tried: kept as they are
  friend bool operator==(const Record&, const Record&);
};

/// JSON.
Result<Record> parse_record(Bytes text);
std::string to_json(const Record& record);

class RecordPartition {
 public:
  /// A partition without a whole copy has an empty record.
  static Result<RecordPartition> open(const std::filesystem::path& device);

  const Record& record() const { return record_; }
  /// Over the older copy; durable when it returns.
  Result<void> write(const Record& record);
  /// The same over all of both copies: nothing of what was there is left.
  Result<void> overwrite(const Record& record);

 private:
  explicit RecordPartition(std::filesystem::path device) : device_(std::move(device)) {}

  Result<void> put(const Record& record, std::size_t bytes_min);

  std::filesystem::path device_;
  Record record_;
  std::uint64_t sequence_ = 0;  ///< of the copy that counts, which lies where it is even or odd
};

}  // namespace holdfast::linux::init
