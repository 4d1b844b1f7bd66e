// A client that sends exactly the bytes that a test wants, well-formed or not, over TLS.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "linux/tls/connector.h"

namespace holdfast::test {

/// A TCP connection to a port of 127.0.0.1, from 127.0.0.1 or another address of the loopback; blocking.
int connect_loopback(std::uint16_t port, const std::string& from = "127.0.0.1");

std::uint16_t port_of(int socket);

class RawClient {
 public:
  /// `before` is sent as it is, ahead of the handshake.
  RawClient(linux::tls::Connector& connector, std::uint16_t port, const std::string& from = "127.0.0.1",
            std::string_view before = {});
  ~RawClient();

  /// Whether the handshake went well on our side.
  bool is_open() const { return open_; }
  bool resumed() const;
  /// What the server showed as its own, DER.
  std::optional<Blob> peer_certificate() const { return stream_->peer_certificate(); }
  bool send(std::string_view bytes);
  /// What comes until `count` answers are complete (by Content-Length) or the peer ends.
  std::string receive(int count = 1, bool is_head = false);
  /// Whether the peer ends the connection within five seconds.
  bool is_closed_by_peer();
  /// One request and its answer.
  std::string get(const std::string& path);

 private:
  bool wait(linux::tls::Progress progress);
  int socket_;
  std::optional<linux::tls::Stream> stream_;
  bool open_ = false;
  std::string left_;  ///< received and not handed out
};

}  // namespace holdfast::test
