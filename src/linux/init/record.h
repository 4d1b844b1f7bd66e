// What the first process keeps for itself, in a partition that nobody else writes or fills: two copies, of which the
// later one that is whole counts. A power cut while one is being written leaves the other.
#pragma once

#include <filesystem>
#include <optional>

#include "base/json/value.h"
#include "ports/vault.h"

namespace holdfast::linux::init {

inline constexpr Reason kRecordFailed{"record-failed"};
inline constexpr Reason kRecordMalformed{"record-malformed"};
/// What each copy has room for.
inline constexpr std::size_t kRecordBytesMax = 8 * 1024;

/// What a reset has still to take (docs/os.md).
enum class Reset {
  None,
  Storage,   ///< what is sealed, and all that follows
  Settings,  ///< what the agent and the first process keep of them
};

struct Record {
  std::int64_t boots = 0;
  std::optional<ports::VaultKey> sealed;  ///< what the chip opens the sealed storage with; none: there is none yet
  bool was_open = false;                  ///< in the last boot of a system that is confirmed
  bool is_erased = false;                 ///< since it was asked for; who asks again hears that it is done
  Reset reset = Reset::None;
  bool has_seen_presence = false;  ///< and done what it asked for: it counts again once it was away
  json::Object others = {};        ///< of a later version that was tried: kept as they are
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
  /// Over all of the older copy; durable when it returns.
  Result<void> write(const Record& record);
  /// The same over both copies: nothing of what was there is left when it succeeds, and it has not happened before.
  Result<void> overwrite(const Record& record);

 private:
  explicit RecordPartition(std::filesystem::path device) : device_(std::move(device)) {}

  Result<void> put(const Record& record);

  std::filesystem::path device_;
  Record record_;
  std::uint64_t sequence_ = 0;  ///< of the copy that counts, which lies where it is even or odd
};

}  // namespace holdfast::linux::init
