#include "linux/net/link.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/net/dial.h"

namespace holdfast::linux::net {
namespace {

constexpr std::size_t kReadBytesMax = 16 * 1024;

/// TLS's reasons as the port's; what a signing hook or the peer's alert said stays as it is.
std::unexpected<Error> as_net_error(Error error) {
  if (error.reason == tls::kTlsPeerUnverified) {
    return fail(Next::Denied, ports::kNetPeerUnverified, std::move(error.message));
  }
  if (error.reason == tls::kTlsHandshakeFailed || error.reason == tls::kTlsBroken) {
    return fail(Next::Retry, ports::kNetUnreachable, std::move(error.message));
  }
  return std::unexpected(std::move(error));
}

/// What send() or recv() of a plain socket came to.
Result<tls::Transfer> transfer_of(ssize_t done, tls::Progress waits) {
  if (done > 0) return tls::Transfer{tls::Progress::Done, static_cast<std::size_t>(done)};
  if (done == 0) return tls::Transfer{tls::Progress::Ended, 0};
  if (errno == EAGAIN || errno == EINTR) return tls::Transfer{waits, 0};
  return fail(Next::Retry, ports::kNetUnreachable,
              cat("expected a connection that stays, saw: ", std::strerror(errno)));
}

std::unexpected<Error> ended() {
  return fail(Next::Retry, ports::kNetUnreachable, "expected an answer, saw the connection end");
}

std::unexpected<Error> late() {
  return fail(Next::Retry, ports::kNetTimeout, "expected the whole answer in time, saw a part of it");
}

}  // namespace

Result<Link> Link::open(tls::Connector& connector, const ServiceAddress& address, WallTime wall, ports::Clock& clock,
                        const Timeouts& timeouts) {
  system::Descriptor socket = TRY(dial(address, clock, timeouts.connect));
  auto stream = connector.connect(socket.number(), address.host, wall);
  if (!stream) return as_net_error(std::move(stream).error());
  Link link(std::move(socket), std::move(*stream), clock);
  TRY(link.shake_hands(clock.now() + timeouts.handshake));
  return link;
}

Result<Link> Link::open_plain(const ServiceAddress& address, ports::Clock& clock, const Timeouts& timeouts) {
  system::Descriptor socket = TRY(dial(address, clock, timeouts.connect));
  return Link(std::move(socket), std::nullopt, clock);
}

Result<tls::Transfer> Link::write(Bytes from) {
  if (stream_) return stream_->write(from);
  return transfer_of(::send(socket_.number(), from.data(), from.size(), MSG_NOSIGNAL), tls::Progress::WantsWrite);
}

Result<tls::Transfer> Link::read(std::span<std::uint8_t> into) {
  if (stream_) return stream_->read(into);
  return transfer_of(::recv(socket_.number(), into.data(), into.size(), 0), tls::Progress::WantsRead);
}

Result<void> Link::wait(tls::Progress progress, Instant deadline) {
  if (progress == tls::Progress::Ended) return ended();
  return wait_for_socket(socket_.number(), progress == tls::Progress::WantsWrite, *clock_, deadline);
}

Result<void> Link::shake_hands(Instant deadline) {
  for (;;) {
    auto progress = stream_->handshake();
    if (!progress) return as_net_error(std::move(progress).error());
    if (*progress == tls::Progress::Done) return {};
    TRY(wait(*progress, deadline));
  }
}

Result<void> Link::send(Bytes request, Instant deadline) {
  while (!request.empty()) {
    auto put = write(request);
    if (!put) return as_net_error(std::move(put).error());
    request = request.subspan(put->bytes);
    if (put->progress != tls::Progress::Done) TRY(wait(put->progress, deadline));
  }
  return {};
}

Result<Answer> Link::talk(Bytes request, std::size_t answer_bytes_max, Instant deadline, Versions versions) {
  keeps_alive_ = false;
  TRY(send(request, deadline));
  AnswerReader reader(answer_bytes_max, versions);
  Blob buffer(kReadBytesMax);
  while (!reader.is_complete()) {
    auto got = read(buffer);
    if (!got) return as_net_error(std::move(got).error());
    if (got->progress != tls::Progress::Done) {
      TRY(wait(got->progress, deadline));
      continue;
    }
    TRY(reader.feed(Bytes(buffer).first(got->bytes)));
    // Bytes that trickle in could keep us from ever waiting, and so from looking at the deadline.
    if (!reader.is_complete() && clock_->now() >= deadline) return late();
  }
  keeps_alive_ = reader.keeps_alive();
  return reader.take();
}

bool Link::is_quiet() {
  ByteArray<1> byte;
  const auto got = read(byte);
  return got && got->progress == tls::Progress::WantsRead;
}

}  // namespace holdfast::linux::net
