// The one-time owner link: where a service is managed, the SHA-256 of its CA, and a secret that makes its bearer the
// first operator. Exactly `https://host[:port]/owner#ca=<hex>&secret=<text>`; anything else is refused whole, and the
// secret is in no message.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::cli {

inline constexpr Reason kOwnerLinkMalformed{"owner-link-malformed"};
inline constexpr std::size_t kOwnerLinkBytesMax = 1024;

struct OwnerLink {
  std::string url;  ///< `https://host[:port]`
  Digest256 service_ca_sha256{};
  Secret secret;
};

Result<OwnerLink> parse_owner_link(std::string_view text);

}  // namespace holdfast::cli
