// A blocking HTTPS client, small enough for a device: plain sockets, one buffer, HTTP/1.1 answers read strictly. A
// connection is kept and used again for the same service, peer and identity, never past the client certificate's
// notAfter. Refuses answers above a bound, answers that end with the connection, redirects (handed back as they are),
// and anything but https. It never retries.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "linux/tls/connector.h"
#include "ports/clock.h"
#include "ports/ip_address.h"
#include "ports/net.h"
#include "ports/network/network_settings.h"

namespace holdfast::linux::net {

inline constexpr Reason kNetRequestMalformed{"net-request-malformed"};

inline constexpr std::size_t kAnswerHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kRoutesKeptMax = 4;  ///< services and identities whose session, and connection, are kept

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A certificate of ours with its key behind a hook, which must stay usable as long as the client: the certificate
/// tells identities apart, and the hook that came with it first is the one that signs.
struct ClientKey {
  Blob certificate;  ///< DER, the leaf alone
  tls::SignDigest sign;
};

struct Call {
  std::string service;                         ///< `https://host[:port]`
  std::optional<ports::IpAddress> address{};   ///< dialled in place of what the host resolves to
  std::optional<ports::IpAddress> from{};      ///< an IPv4 address of ours to dial from; else the system's choice
  std::optional<ports::NetworkProxy> proxy{};  ///< to go through; it resolves the host, whatever `address` says
  tls::Peer peer;
  std::optional<ClientKey> identity{};
  std::string method = "GET";  ///< or POST, PUT, PATCH, DELETE
  std::string path;            ///< from `/`, already encoded, with its query
  Headers headers{};
  std::string content_type = "application/json";  ///< of a body that is not empty
  Bytes body{};
  std::size_t answer_bytes_max = ports::kNetAnswerBytesMax;
  std::optional<WallTime> earliest{};  ///< as in ports::NetRequest
};

struct Answer {
  int status = 0;
  Headers headers;  ///< lower-case names
  Blob body;
  bool on_kept_connection = false;  ///< it came over a connection that an earlier call had opened
  const std::string* header(std::string_view name) const;
};

struct Timeouts {
  Duration connect = seconds(10);  ///< per address; looking the name up is the resolver's own time
  Duration handshake = seconds(15);
  Duration answer = seconds(60);  ///< from the first byte of the request to the last of the answer
  Duration idle = seconds(60);    ///< how long a connection is kept for the next call
};

class Client {
 public:
  /// `peers`: shared with other clients of the process; without, each route has settings of its own.
  Client(ports::Clock& clock, const Timeouts& timeouts, std::shared_ptr<tls::SharedPeers> peers = nullptr);
  ~Client();

  /// Any HTTP answer is a success; an Error means that there was none. Reasons: those of ports/net.h, the one above,
  /// tls::kTlsRefusedByPeer, and whatever the signing hook failed with.
  Result<Answer> exchange(const Call& call);

  /// Closes kept connections whose certificate or idle time has ended; exchange() does the same first.
  void close_ended();
  /// Closes every connection and keeps the sessions, so that the next call resumes: for a caller who is about to sleep.
  void close_connections();

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::net
