// Freezes: times in which no device is told of anything newer and no wave opens, of a device group, of a product or of
// a whole catalog. Who was told before goes on; taking back, and pinning one device, go on too, since a freeze is for
// keeping things as they are.
#pragma once

#include "ports/store/rows/update.h"
#include "service/request.h"

namespace holdfast::service::rollout {

inline constexpr Reason kFreezeMalformed{"freeze-malformed"};
inline constexpr Reason kFreezeOver{"freeze-over"};
inline constexpr Reason kTooManyFreezes{"too-many-freezes"};

inline constexpr Duration kFreezeMax = days(366);
inline constexpr std::size_t kFreezesMax = 64;  ///< of a catalog

struct FreezeOrder {
  std::string catalog;
  std::string product;       ///< empty: every product
  std::string device_group;  ///< empty: every group of it
  WallTime from;
  WallTime until;
  std::string reason;
};

/// NotFound where there is no such product or group. Those that are long over make room.
Result<ports::FreezeRow> freeze(ports::Transaction& tx, const FreezeOrder& order, const Caller& by, WallTime now);

/// Ends one before its time, or one that has not begun; Conflict (kFreezeOver) where it is over.
Result<ports::FreezeRow> thaw(ports::Transaction& tx, std::string_view catalog, std::int64_t number, const Caller& by,
                              WallTime now);

/// Of those in force for a group, the one that ends last.
Result<std::optional<ports::FreezeRow>> freeze_of(ports::Transaction& tx, std::string_view catalog,
                                                  std::string_view product, std::string_view device_group,
                                                  WallTime now);

}  // namespace holdfast::service::rollout
