// A service and a device that know each other, over a pair of sockets, and what they say.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "linux/tls/acceptor.h"
#include "linux/tls/connector.h"
#include "tls/certificates.h"
#include "tls/set_clock.h"

namespace holdfast::test {

using linux::tls::Acceptor;
using linux::tls::Connector;
using linux::tls::Identity;
using linux::tls::Progress;
using linux::tls::Stream;

struct Sockets {
  Sockets() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0); }
  ~Sockets() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

/// A service and a device that know each other. OpenSSL judges sessions by the machine's clock, so that the test's
/// starts there.
struct TlsWorld {
  WallTime real_now = WallTime::from_seconds(time(nullptr));
  SetClock clock{real_now};
  WallTime not_before = real_now - hours(1);
  WallTime not_after = real_now + hours(24);
  KeyedCertificate ca = make_ca("service CA", not_before, not_after + days(400));
  KeyedCertificate server = make_server(ca, not_before, not_after + days(30));
  KeyedCertificate client_ca = make_ca("client CA", not_before, not_after + days(400));
  KeyedCertificate client = make_client(client_ca, "hf-1", not_before, not_after);
  linux::tls::AcceptorOptions options{.client_certificate = linux::tls::ClientCertificate::Requested};

  std::unique_ptr<Acceptor> acceptor() {
    auto made = Acceptor::make(identity_of(server), options, clock);
    REQUIRE(made);
    return std::move(*made);
  }
  std::unique_ptr<Connector> connector(const linux::tls::Peer& peer, const KeyedCertificate* own = nullptr) {
    std::optional<Identity> identity;
    if (own != nullptr) identity = identity_of(*own);
    auto made = Connector::make(peer, identity);
    REQUIRE(made);
    return std::move(*made);
  }
  linux::tls::PeerUnder under_ca() const { return {ca.certificate}; }
  static Identity identity_of(const KeyedCertificate& from) { return {{from.certificate}, from.key.clone()}; }
};

/// What became of both sides after they talked: client sends "ping", server answers "pong".
struct Talk {
  std::optional<Error> client_error;
  std::optional<Error> server_error;
  std::optional<Blob> client_certificate;
  std::optional<WallTime> client_not_after;
  bool resumed = false;
  std::string answer;
};

/// Drives one side as far as it goes; true once it is done.
struct Side {
  Stream& stream;
  std::string to_send;
  std::string received;
  std::optional<Error> error;
  bool shaken = false;

  bool advance(std::size_t expected) {
    if (error) return true;
    if (!shaken) {
      const auto progress = stream.handshake();
      if (!progress) return error = progress.error(), true;
      shaken = *progress == Progress::Done;
      if (!shaken) return false;
    }
    while (!to_send.empty()) {
      const auto put = stream.write(as_bytes(to_send));
      if (!put) return error = put.error(), true;
      if (put->progress != Progress::Done) break;
      to_send.erase(0, put->bytes);
    }
    Blob buffer(100);
    const auto got = stream.read(buffer);
    if (!got) return error = got.error(), true;
    received += as_text(Bytes(buffer).first(got->bytes));
    return received.size() >= expected || got->progress == Progress::Ended;
  }
};

inline Talk talk(Acceptor& acceptor, Connector& connector, WallTime now, const std::string& host = "localhost") {
  const Sockets sockets;
  auto accepted = acceptor.accept(sockets.ends[0]);
  auto connected = connector.connect(sockets.ends[1], host, {now});
  REQUIRE(accepted);
  REQUIRE(connected);
  Side server{*accepted, "pong", {}, {}};
  Side client{*connected, "ping", {}, {}};
  for (int turn = 0; turn < 50; ++turn) {
    const bool client_done = client.advance(4);
    const bool server_done = server.advance(4);
    if (client_done && server_done) break;
  }
  return {client.error,         server.error,   accepted->peer_certificate(), accepted->peer_not_after(),
          connected->resumed(), client.received};
}
}  // namespace holdfast::test
