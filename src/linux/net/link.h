// One connection to a service, by TLS or plain, blocking until a deadline. An error means that it is of no further use.
#pragma once

#include "linux/net/answer_reader.h"
#include "linux/net/service_address.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::net {

class Link {
 public:
  /// The peer's certificate is judged at `wall`.
  static Result<Link> open(tls::Connector& connector, const ServiceAddress& address, WallTime wall, ports::Clock& clock,
                           const Timeouts& timeouts);
  static Result<Link> open_plain(const ServiceAddress& address, ports::Clock& clock, const Timeouts& timeouts);

  /// Sends `request` and reads the answer to it.
  Result<Answer> talk(Bytes request, std::size_t answer_bytes_max, Instant deadline,
                      Versions versions = Versions::Http11);

  /// The peer has neither ended the connection nor sent what nobody asked for. Does not wait.
  bool is_quiet();
  bool keeps_alive() const { return keeps_alive_; }
  void close() {
    if (stream_) stream_->close();
  }

 private:
  Link(system::Descriptor socket, std::optional<tls::Stream> stream, ports::Clock& clock)
      : socket_(std::move(socket)), stream_(std::move(stream)), clock_(&clock) {}
  Result<void> shake_hands(Instant deadline);
  Result<void> send(Bytes request, Instant deadline);
  Result<tls::Transfer> write(Bytes from);
  Result<tls::Transfer> read(std::span<std::uint8_t> into);
  Result<void> wait(tls::Progress progress, Instant deadline);

  system::Descriptor socket_;
  std::optional<tls::Stream> stream_;  ///< none: plain. Destroyed before its socket
  ports::Clock* clock_;
  bool keeps_alive_ = false;
};

}  // namespace holdfast::linux::net
