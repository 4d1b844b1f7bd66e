#include "programs/simulation/link.h"

#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/x509/certificate.h"

namespace holdfast::programs::simulation {
namespace {

constexpr std::uint64_t kLateMaxMs = 120'000;
/// As src/linux/net/client.h waits for an answer.
constexpr Duration kAnswerTimeout = seconds(60);

std::unexpected<Error> no_answer() {
  return fail(Next::Retry, ports::kNetTimeout, "expected an answer, saw none in time");
}

}  // namespace

Result<void> Link::require_reached() {
  if (is_away_ || host_.door() == Door::Refuses) {
    return fail(Next::Retry, ports::kNetUnreachable, "expected the service, saw nobody");
  }
  if (host_.door() == Door::Open) return {};
  spent_ += kAnswerTimeout;
  return no_answer();
}

/// What TLS does before anything is said: certificates are judged by the time as far as the device knows it.
Result<void> Link::require_peer(const ports::NetRequest& request) {
  const WallTime at = request.earliest.value_or(clock_.wall_time());
  if (request.identity) {
    const auto own = TRY(trust::x509::parse_certificate(request.identity->certificate));
    if (at > own.not_after()) {
      return fail(Next::Denied, ports::kNetCertificateEnded, "expected a certificate of ours that has not ended");
    }
  }
  const auto* under = std::get_if<ports::PeerUnder>(&request.peer);
  if (under == nullptr) return {};
  const trust::x509::Certificate& peer = *TRY(host_.shown());
  if (under->service_ca == host_.service_ca() && at <= peer.not_after()) return {};
  return fail(Next::Denied, ports::kNetPeerUnverified, "expected a server under the service CA, not ended");
}

/// Then the client shows a certificate and proves that it holds the key.
Result<service::Request> Link::connect(const ports::NetRequest& request) {
  service::Request out{.port = service::Port::Device,
                       .method = request.method,
                       .path = request.path,
                       .query = {},
                       .authorization = {},
                       .body = request.body,
                       .source = "192.0.2.1",
                       .client_certificate = {},
                       .trace = request.trace};
  if (request.range) {
    const auto& range = *request.range;
    out.range = cat("bytes=", range.offset, "-", range.offset + static_cast<std::int64_t>(range.bytes) - 1);
  }
  if (!request.identity) return out;
  const auto challenge = ports::random_array<32>(random_);
  const Blob signature = TRY(vault_.sign(request.identity->key, challenge));
  const auto certificate = TRY(trust::x509::parse_certificate(request.identity->certificate));
  TRY(certificate.public_key().verify_digest(trust::crypto::HashAlgorithm::Sha256, challenge, signature));
  out.client_certificate = request.identity->certificate;
  return out;
}

Result<ports::NetAnswer> Link::exchange(const ports::NetRequest& request) {
  TRY(require_reached());
  TRY(require_peer(request));
  const service::Request sent = TRY(connect(request));
  if (happens(weather_.lost_request)) return no_answer();
  if (happens(weather_.late)) {
    const auto delay = Duration(static_cast<std::int64_t>(random_.below(kLateMaxMs)));
    late_.push_back({clock_.now() + delay, sent});
    return no_answer();
  }
  if (happens(weather_.doubled)) host_.deliver(sent);
  auto response = host_.deliver(sent);
  if (!response || happens(weather_.lost_answer)) return no_answer();
  return ports::NetAnswer{response->status, std::move(response->body), response->retry_after};
}

}  // namespace holdfast::programs::simulation
