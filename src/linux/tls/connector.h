// The client's side of TLS 1.3 towards one service. The last session is kept and resumed, so that a key in a slow vault
// signs once per certificate and not once per connection. Not for use from two threads at once.
#pragma once

#include <memory>
#include <string>

#include "linux/tls/identity.h"
#include "linux/tls/peer.h"
#include "linux/tls/stream.h"

namespace holdfast::linux::tls {

/// What the peer's certificates are judged at. Where only a lower bound of the time is known, one that has not begun is
/// proof that it is later.
struct JudgedAt {
  WallTime time;
  bool is_lower_bound = false;
};

class Connector {
 public:
  static Result<std::unique_ptr<Connector>> make(const Peer& peer, const std::optional<Identity>& identity);
  static Result<std::unique_ptr<Connector>> make(std::shared_ptr<const PeerSettings> peer,
                                                 const std::optional<Identity>& identity);
  ~Connector();

  /// A stream over `socket` (non-blocking), its handshake still to be driven. `host` is a DNS name or an IP address;
  /// certificates are judged as `at` says.
  Result<Stream> connect(int socket, const std::string& host, const JudgedAt& at);

  /// When our own certificate ends.
  std::optional<WallTime> own_not_after() const;

  struct Held;

 private:
  explicit Connector(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::tls
