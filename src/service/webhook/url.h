// Where a webhook is sent: `https://host[:port][/path][?query]`. Refuses every other scheme, user information,
// fragments, characters that a reader might drop or decode, and hosts that are numbers in any form but the canonical
// one.
#pragma once

#include <optional>
#include <string>

#include "ports/ip_address.h"

namespace holdfast::service::webhook {

inline constexpr Reason kWebhookUrlMalformed{"webhook-url-malformed"};
inline constexpr std::size_t kUrlBytesMax = 1024;

struct WebhookUrl {
  std::string host;                         ///< a DNS name in lower case, or an address without brackets
  std::optional<ports::IpAddress> address;  ///< where the host is one
  std::uint16_t port = 443;
  std::string target;  ///< path and query, at least `/`

  /// Scheme, host, port and path: a query may carry what is no reader's business.
  std::string without_query() const;
  /// The same without the path, which may as well.
  std::string origin() const;
};

Result<WebhookUrl> parse_url(std::string_view text);

}  // namespace holdfast::service::webhook
