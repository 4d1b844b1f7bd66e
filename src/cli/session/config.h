// What `holdfast` remembers from one call to the next, in a file that only its owner can read: the service, its CA, the
// operator's token, and what was seen of each catalog, so that a later answer that contradicts it is noticed.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/secret.h"
#include "trust/audit/chain.h"

namespace holdfast::cli {

inline constexpr Reason kConfigMalformed{"config-malformed"};
inline constexpr std::size_t kConfigBytesMax = 1024 * 1024;
inline constexpr std::size_t kCatalogsKnownMax = 1024;

struct KnownCatalog {
  std::optional<Digest256> owner_root;  ///< SHA-256 of the first root, as claim tickets pin it
  std::optional<trust::audit::Remembered> audit;
};

struct Config {
  std::string url;                ///< of the management port
  Digest256 service_ca_sha256{};  ///< as the owner link named it
  std::string operator_name;
  Secret token;
  std::string catalog;                           ///< which one is meant where none is named; may be empty
  std::map<std::string, KnownCatalog> catalogs;  ///< by name; the service's own audit chain is under the empty name
};

Result<Config> parse_config(Bytes file);
Secret dump_config(const Config& config);

}  // namespace holdfast::cli
