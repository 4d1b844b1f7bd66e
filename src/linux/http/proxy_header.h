// The PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt §2.2): what a proxy in front says about the client,
// before the client's first byte. Read only from proxies that are listed; from anybody else these bytes are a broken
// handshake. Refuses version 1, other transports than TCP over IP, and headers above kProxyHeaderBytesMax.
#pragma once

#include <optional>

#include "base/result.h"
#include "linux/http/source.h"

namespace holdfast::linux::http {

inline constexpr Reason kProxyHeaderMalformed{"proxy-header-malformed"};

inline constexpr std::size_t kProxyHeaderBytesMax = 536;

class ProxyHeader {
 public:
  /// How many bytes it still takes; nothing behind the header belongs to it. 0 once it is whole.
  std::size_t missing() const;
  Result<void> feed(Bytes bytes);  ///< at most missing() of them

  /// Of a whole header: the client, or nothing where the proxy speaks for itself (LOCAL, such as a health check).
  const std::optional<Source>& client() const { return client_; }

 private:
  Result<void> read_fixed_part();
  Result<void> read_addresses();

  Blob bytes_;
  std::size_t size_ = 0;  ///< of all; 0 until the fixed part was read
  std::optional<Source> client_;
};

}  // namespace holdfast::linux::http
