#include "linux/net/vault_net.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "wire/trace.h"

namespace holdfast::linux::net {
namespace {

constexpr Duration kRetryAfterMax = hours(24);

/// RFC 9110 §10.2.3 in its form of seconds; dates are for clocks that can be trusted.
std::optional<Duration> retry_after(const Answer& answer) {
  const std::string* value = answer.header("retry-after");
  if (value == nullptr) return std::nullopt;
  std::uint32_t whole = 0;
  const auto parsed = std::from_chars(value->data(), value->data() + value->size(), whole);
  if (parsed.ec != std::errc() || parsed.ptr != value->data() + value->size()) return std::nullopt;
  return std::min<Duration>(seconds(whole), kRetryAfterMax);
}

tls::Peer peer_of(const ports::Peer& peer) {
  if (const auto* under = std::get_if<ports::PeerUnder>(&peer)) return tls::PeerUnder{under->service_ca};
  return tls::PeerUnverified{};
}

}  // namespace

VaultNet::VaultNet(ports::Vault& vault, ports::Clock& clock, const Timeouts& timeouts,
                   std::optional<ports::IpAddress> from, std::shared_ptr<tls::SharedPeers> peers)
    : vault_(vault), from_(from), client_(clock, timeouts, std::move(peers)) {}

Result<ports::NetAnswer> VaultNet::exchange(const ports::NetRequest& request) {
  Call call{.service = request.service, .peer = peer_of(request.peer), .method = request.method, .path = request.path};
  call.from = from_;
  call.proxy = proxy_;
  call.body = request.body;
  call.earliest = request.earliest;
  if (!request.trace.empty()) {
    call.headers.emplace_back(std::string(wire::kTraceHeader), wire::traceparent(request.trace));
  }
  if (request.range) {
    const std::int64_t last = request.range->offset + static_cast<std::int64_t>(request.range->bytes) - 1;
    call.headers.emplace_back("range", cat("bytes=", request.range->offset, "-", last));
  }
  if (request.identity) {
    call.identity =
        ClientKey{request.identity->certificate,
                  [&vault = vault_, key = request.identity->key](Bytes digest) { return vault.sign(key, digest); }};
  }
  Answer answer = TRY(client_.exchange(call));
  return ports::NetAnswer{answer.status, std::move(answer.body), retry_after(answer)};
}

}  // namespace holdfast::linux::net
