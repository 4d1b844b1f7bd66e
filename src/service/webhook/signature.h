// How a receiver tells that an event came from here and was not changed: the scheme of Standard Webhooks 1.0, which
// many libraries check. The signature covers id, time and body, so that neither an old event can be sent again later
// nor one event's signature be put on another.
#pragma once

#include "base/secret.h"
#include "base/time.h"

namespace holdfast::service::webhook {

inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::string_view kSecretPrefix = "whsec_";

/// `whsec_<base64>`, as it is shown once.
std::string text_of(const Secret& secret);

/// `v1,<base64 of HMAC-SHA256 over id.seconds.body>`.
std::string signature(const Secret& secret, std::string_view id, std::int64_t seconds, std::string_view body);

}  // namespace holdfast::service::webhook
