// ports::Callout over the blocking client: one per thread. The address that is dialled is the one it is given; bounds
// on time and on the answer are the ones below; what the peer says beyond its status is thrown away.
#pragma once

#include <functional>

#include "linux/net/client.h"
#include "ports/callout.h"

namespace holdfast::linux::net {

inline constexpr std::size_t kCalloutAnswerBytesMax = 64 * 1024;
inline constexpr Timeouts kCalloutTimeouts{
    .connect = seconds(5), .handshake = seconds(5), .answer = seconds(10), .idle = seconds(30)};

using Resolver = std::function<Result<std::vector<ports::IpAddress>>(const std::string& host)>;

/// The system's resolver, in its own time.
Result<std::vector<ports::IpAddress>> resolve_by_system(const std::string& host);

class HttpsCallout final : public ports::Callout {
 public:
  explicit HttpsCallout(ports::Clock& clock, Resolver resolver = resolve_by_system,
                        const Timeouts& timeouts = kCalloutTimeouts)
      : client_(clock, timeouts), resolver_(std::move(resolver)) {}

  Result<std::vector<ports::IpAddress>> resolve(const std::string& host) override { return resolver_(host); }
  Result<int> post(const ports::CalloutRequest& request) override;
  void close_ended() { client_.close_ended(); }

 private:
  Client client_;
  Resolver resolver_;
};

}  // namespace holdfast::linux::net
