// What EST (RFC 7030) may issue in a catalog: nothing, until its owner says so.
#pragma once

#include "ports/store/rows/est.h"
#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::est {

inline constexpr Reason kEstOff{"est-off"};
inline constexpr Reason kEstLifeWrong{"est-life-wrong"};

inline constexpr Duration kThingLifeMin = minutes(10);
inline constexpr Duration kThingLifeMax = days(30);

struct Settings {
  bool reenroll = false;  ///< devices with a vault: the same key, within what their last appraisal has left
  bool things = false;    ///< named things without a vault, from the unattested CA
  Duration thing_life = days(7);
  friend bool operator==(const Settings&, const Settings&) = default;
};

Result<void> require_settings(const Settings& settings);

Result<Settings> settings_of(ports::Transaction& tx, std::string_view catalog);
/// Whether they may be set is decided in service/approval.
Result<void> set_settings(ports::Transaction& tx, std::string_view catalog, const Settings& settings, const Caller& by,
                          WallTime now);

/// The catalog that a path without a label means: the only one for which EST is on. NotFound otherwise.
Result<std::string> only_catalog(ports::Transaction& tx);

}  // namespace holdfast::service::est
