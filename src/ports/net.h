// One request to a service and its answer, over TLS 1.3. Who the peer must prove to be is said each time; there is no
// default, so that nothing is unverified by omission.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "ports/vault.h"

namespace holdfast::ports {

inline constexpr Reason kNetUnreachable{"net-unreachable"};
inline constexpr Reason kNetTimeout{"net-timeout"};
inline constexpr Reason kNetPeerUnverified{"net-peer-unverified"};
inline constexpr Reason kNetAnswerMalformed{"net-answer-malformed"};
inline constexpr Reason kNetCertificateEnded{"net-certificate-ended"};  ///< the caller's own

inline constexpr std::size_t kNetAnswerBytesMax = 1024 * 1024;

/// The peer's certificate must chain to this CA and name the host.
struct PeerUnder {
  Blob service_ca;  ///< DER
};
/// The answer is checked by a digest that the caller already holds (flow 1.2); whoever sends it does not matter.
struct ContentPinned {};
using Peer = std::variant<PeerUnder, ContentPinned>;

/// The caller's own certificate, its key in the vault.
struct ClientIdentity {
  VaultKey key;
  Blob certificate;  ///< DER, the leaf alone
};

/// A part of what there is (RFC 9110 §14): the answer is 206 with just these bytes, or fewer at the end.
struct ByteRange {
  std::int64_t offset = 0;
  std::size_t bytes = 0;  ///< at least one, at most kNetAnswerBytesMax
};

struct NetRequest {
  std::string service;  ///< `https://host:port`
  Peer peer;
  std::optional<ClientIdentity> identity;
  std::string method;   ///< GET or POST
  std::string path;     ///< from `/`, already encoded
  Blob body;            ///< JSON; empty for GET
  std::string trace{};  ///< wire/trace.h; empty: none
  std::optional<ByteRange> range{};
  std::optional<WallTime> judged_at{};  ///< what certificates are judged at; none: the machine's clock
};

struct NetAnswer {
  int status = 0;
  Blob body;
  std::optional<Duration> retry_after;
};

class Net {
 public:
  virtual ~Net() = default;
  /// Any HTTP answer is a success here; an Error means that there was none.
  virtual Result<NetAnswer> exchange(const NetRequest& request) = 0;
};

}  // namespace holdfast::ports
