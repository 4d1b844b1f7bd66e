// What devices are to have where no service reaches them, as the offline director of the trust policy says it: for one
// device, a device group or a whole catalog, for a year at most. Its type is another than that of a service's director
// and its keys are others, so that neither word is taken for the other. The version is counted up in the catalog, over
// all of them: the highest that is for a device counts, and it never goes back. Members that this version does not know
// are refused.
#pragma once

#include "trust/tuf/director_targets.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kOfflineTargetsOnline{"offline-targets-online"};  ///< signed by a service's director

inline constexpr Duration kOfflineLifeMax = days(366);
inline constexpr std::size_t kGroupBytesMax = 128;  ///< of a product's or a device group's name

/// For whom: a device, or a product's device group, or everybody in the catalog.
struct Audience {
  std::string device;  ///< empty: not one alone
  std::string product;
  std::string device_group;
  friend bool operator==(const Audience&, const Audience&) = default;
};

/// `every device`, for people.
std::string in_words(const Audience& audience);

struct OfflineTargets {
  std::string catalog;
  Audience audience;
  std::int64_t version = 1;
  WallTime issued;
  WallTime expires;  ///< at most kOfflineLifeMax later
  DirectedImages images;
};

/// Who asks what is for it; all of them are known.
struct Recipient {
  std::string device;
  std::string product;
  std::string device_group;
};

/// What it says to this recipient, not older than `version_seen` (0: none yet). Expiry is a separate question. Denied
/// (kDirectorMissing) where the policy names no offline director.
Result<Verified<DirectorTargets>> verify_offline_targets(Bytes envelope, const Verified<TrustPolicy>& policy,
                                                         const Recipient& recipient, std::int64_t version_seen);

// The director's side.

/// Unsigned; refuses what verification would refuse.
Result<Envelope> make_offline_targets(const OfflineTargets& targets);
/// Reads one without trusting it.
Result<OfflineTargets> read_offline_targets(const Envelope& envelope);

}  // namespace holdfast::trust::tuf
