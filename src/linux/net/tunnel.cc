#include "linux/net/tunnel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/net/dial.h"
#include "ports/net.h"

namespace holdfast::linux::net {
namespace {

std::unexpected<Error> unreachable(const ServiceAddress& address, std::string_view seen) {
  return fail(Next::Retry, ports::kNetUnreachable,
              cat("expected the proxy ", address.proxy->host, " to reach ", address.authority, ", saw: ", seen));
}

std::string target_of(const ServiceAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return cat(is_ipv6 ? "[" : "", address.host, is_ipv6 ? "]:" : ":", address.port);
}

/// The head of the answer, to its empty line and no further: what follows is the other end's.
Result<std::string> read_head(const system::Descriptor& socket, const ServiceAddress& address, ports::Clock& clock,
                              Instant deadline) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char one = 0;
    const ssize_t got = ::recv(socket.number(), &one, 1, 0);
    if (got == 0) return unreachable(address, "the end of the connection");
    if (got < 0 && errno != EAGAIN && errno != EINTR) return unreachable(address, std::strerror(errno));
    if (got < 0) TRY(wait_for_socket(socket.number(), false, clock, deadline));
    if (got > 0) head += one;
    if (head.size() > kTunnelAnswerBytesMax) return unreachable(address, "an answer without an end");
  }
  return head;
}

}  // namespace

Result<void> open_tunnel(const system::Descriptor& socket, const ServiceAddress& address, ports::Clock& clock,
                         Duration time) {
  const Instant deadline = clock.now() + time;
  const std::string target = target_of(address);
  const std::string request = cat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n\r\n");
  // A fresh connection takes so few bytes at once.
  if (::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request)) {
    return unreachable(address, std::strerror(errno));
  }
  const std::string head = TRY(read_head(socket, address, clock, deadline));
  const std::string_view line = std::string_view(head).substr(0, head.find("\r\n"));
  const bool is_open = (line.starts_with("HTTP/1.1 2") || line.starts_with("HTTP/1.0 2")) && line.size() >= 12;
  return is_open ? Result<void>() : unreachable(address, printable(line, 60));
}

}  // namespace holdfast::linux::net
