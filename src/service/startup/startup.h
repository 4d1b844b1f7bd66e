// What a service needs before it can listen: its own CA and server certificate, the settings that must never change,
// and, as long as it has no operator, an owner link. Any number of processes may start at once; the first one decides.
#pragma once

#include "service/deps.h"

namespace holdfast::service::startup {

inline constexpr days kServerCertificateLife{397};
inline constexpr days kServerCertificateRenewedBefore{60};

inline constexpr Reason kRestoreCutOff{"restore-cut-off"};
inline constexpr Reason kServiceKeyForeign{"service-key-foreign"};

struct ServerNames {
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
};

struct ServerIdentity {
  Blob service_ca;   ///< DER
  Blob certificate;  ///< DER, under the service CA
  Secret key;        ///< PKCS#8
};

/// The server's certificate for exactly these names; made or renewed where needed.
Result<ServerIdentity> server_identity(Deps& deps, const ServerNames& names, WallTime now);

/// Corrupt (kRestoreCutOff) where a restore never came to its end.
Result<void> require_whole(Deps& deps);

/// Denied (kServiceKeyForeign) where the store was begun under another service key, whose secrets this one cannot open.
Result<void> require_service_key(Deps& deps);

/// A sentence for each issuing CA that cannot sign: its key is in a token, and not in the one that is there.
Result<std::vector<std::string>> keys_out_of_reach(Deps& deps);

/// The value that the first start gave this setting.
Result<std::string> settle(Deps& deps, std::string_view name, std::string value);

/// A fresh owner link's secret where no operator exists yet.
Result<std::optional<std::string>> owner_link(Deps& deps, WallTime now);

}  // namespace holdfast::service::startup
