// Named things without a vault: each may ask once, with a secret that an operator made for its name, for a certificate
// of the unattested CA. A name that is, or could become, a device's with a vault is refused.
#pragma once

#include "ports/store/rows/est.h"
#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::est {

inline constexpr Reason kThingNameTaken{"thing-name-taken"};
inline constexpr Reason kSecretLifeWrong{"secret-life-wrong"};

inline constexpr std::size_t kSecretBytes = 32;
inline constexpr Duration kSecretLifeMax = days(90);
inline constexpr std::string_view kVaultPrefix = "hf-";  ///< every name that comes from a vault begins so

struct MadeSecret {
  ports::ThingRow row;
  std::string secret;  ///< base64url; leaves in this value and is kept as a digest
};

/// Makes a secret; one that the thing had before is void.
Result<MadeSecret> make_secret(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view thing,
                               Duration life, const Caller& by, WallTime now);

/// Its secret is void and its certificates end.
Result<void> remove_thing(ports::Transaction& tx, std::string_view catalog, std::string_view thing, const Caller& by,
                          WallTime now);

/// Nothing where the name may be a thing's.
Result<void> require_thing_name(ports::Transaction& tx, std::string_view catalog, std::string_view thing);

}  // namespace holdfast::service::est
