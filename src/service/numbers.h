// Numbers that are counted up and never given twice, also where a restored backup has forgotten the newest of them.
#pragma once

#include "base/time.h"
#include "ports/store/store.h"

namespace holdfast::service {

/// How many are skipped after a restore: more than anybody gave between a backup and its restoring.
inline constexpr std::int64_t kNumbersSkipped = 10'000;

/// A setting that is there while a restore is under way; a service that starts then has half a database.
inline constexpr std::string_view kRestoreUnderWay = "restore-under-way";

struct Numbered {
  std::int64_t number = 0;  ///< 0: none was given yet
  WallTime given_at;
};

Result<std::int64_t> next_number(ports::Transaction& tx, const Numbered& newest);

/// From now on numbers that were given before `now` count as forgotten ones.
Result<void> note_restored(ports::Transaction& tx, WallTime now);

}  // namespace holdfast::service
