// An HTTP/1.1 server over TLS 1.3: one loop per thread, every limit named, no file or route of its own. Promises that
// an answer marked durable leaves only after its flush, that no connection outlives its client certificate, and that a
// slow, greedy or malformed client costs its own connection alone. Refuses plain HTTP, HTTP/1.0 and /2, a missing Host,
// Transfer-Encoding beside Content-Length, Content-Encoding, absolute-form targets and obsolete line folding.
#pragma once

#include <memory>

#include "linux/http/message.h"
#include "linux/tls/acceptor.h"
#include "ports/clock.h"
#include "ports/ip_address.h"

namespace holdfast::linux::http {

inline constexpr Reason kHttpAddressUnusable{"http-address-unusable"};
inline constexpr Reason kHttpMalformed{"http-malformed"};
inline constexpr Reason kHttpTooLarge{"http-too-large"};
inline constexpr Reason kHttpTimeout{"http-timeout"};
inline constexpr Reason kHttpTooMany{"http-too-many"};  ///< connections, handshakes or requests
inline constexpr Reason kHttpCertificateEnded{"http-certificate-ended"};

inline constexpr unsigned kThreadsMax = 64;

/// Per server, unless said otherwise. Sources are IPv4 addresses and IPv6 /64 networks.
struct Limits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t connections_max = 16'000;  ///< lowered to what the descriptor limit allows
  std::size_t connections_per_source_max = 256;
  std::size_t handshakes_max = 1'024;         ///< unfinished ones; beyond it the oldest is dropped
  std::size_t bodies_max = 512;               ///< arriving ones, likewise: what bodies can cost in memory
  std::uint32_t requests_per_source_s = 200;  ///< sustained, a new connection counting as one; 0 = unlimited
  std::uint32_t requests_per_source_burst = 400;
  Duration handshake_time = seconds(10);
  Duration header_time = seconds(10);
  Duration body_time = seconds(30);
  Duration answer_time = seconds(30);  ///< for the peer to take the answer
  Duration idle_time = seconds(75);
  Duration drain_time = seconds(5);  ///< for stop()
};

/// Why a connection or a request was refused; for logs and counters. Called from the server's threads.
using Refused = std::function<void(const std::string& source_address, const Error& error)>;

struct ListenerOptions {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0 = any free one
  tls::Identity identity;
  tls::AcceptorOptions tls;
  Limits limits;
  unsigned threads = 0;  ///< 0 = one per core
  /// Peers that say with PROXY protocol v2 for whom they speak (proxy_header.h); the limits count that client.
  std::vector<ports::AddressRange> proxies = {};
  Refused refused;  ///< may be empty
};

class Server {
 public:
  /// Listens when it returns. `clock` must outlive the server; `flush` may be empty when no response is durable.
  static Result<std::unique_ptr<Server>> start(const ListenerOptions& options, ports::Clock& clock, Handler handler,
                                               Flush flush);
  ~Server();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// New connections are shown this identity; those that are open go on.
  Result<void> present(const tls::Identity& identity);

  /// Stops accepting, closes idle connections, lets answers under way finish within drain_time. The handler is not
  /// called again once this has returned.
  void stop();

 private:
  struct Held;
  explicit Server(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::http
