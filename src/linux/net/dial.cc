#include "linux/net/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "linux/net/tunnel.h"
#include "ports/net.h"

namespace holdfast::linux::net {
namespace {

constexpr int kAddressesMax = 8;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

std::unexpected<Error> unreachable(const ServiceAddress& address, std::string_view seen) {
  return fail(Next::Retry, ports::kNetUnreachable, cat("expected to reach ", address.authority, ", saw: ", seen));
}

/// Addresses are understood without the resolver, whose libraries then stay out of memory.
Result<Addresses> look_up(const ServiceAddress& address) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = cat(address.port);
  int failed = getaddrinfo(address.host.c_str(), port.c_str(), &wish, &found);
  if (failed == EAI_NONAME) {
    wish.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    failed = getaddrinfo(address.host.c_str(), port.c_str(), &wish, &found);
  }
  if (failed != 0) return unreachable(address, gai_strerror(failed));
  return Addresses(found);
}

/// The port is chosen at connect(), so that it need only be free towards that service.
bool bind_to(int socket, const ports::IpAddress& own) {
  const int on = 1;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  std::memcpy(&from.sin_addr, own.bytes.data() + 12, 4);
  return ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0 &&
         ::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0;
}

Result<system::Descriptor> dial_one(const sockaddr& to, socklen_t to_size, const ServiceAddress& address,
                                    ports::Clock& clock, Duration time) {
  system::Descriptor socket(::socket(to.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return unreachable(address, std::strerror(errno));
  if (address.from && to.sa_family == AF_INET && !bind_to(socket.number(), *address.from)) {
    return unreachable(address, std::strerror(errno));
  }
  if (::connect(socket.number(), &to, to_size) != 0) {
    if (errno != EINPROGRESS) return unreachable(address, std::strerror(errno));
    TRY(wait_for_socket(socket.number(), true, clock, clock.now() + time));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unreachable(address, std::strerror(error));
  }
  const int on = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

/// IPv4 goes as IPv4: its mapped form needs a machine that speaks IPv6.
Result<system::Descriptor> dial_dialled(const ServiceAddress& address, ports::Clock& clock, Duration time) {
  const auto& bytes = address.dialled->bytes;
  if (address.dialled->is_ipv4()) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    std::memcpy(&to.sin_addr, bytes.data() + 12, 4);
    return dial_one(reinterpret_cast<const sockaddr&>(to), sizeof to, address, clock, time);
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(address.port);
  std::memcpy(&to.sin6_addr, bytes.data(), bytes.size());
  return dial_one(reinterpret_cast<const sockaddr&>(to), sizeof to, address, clock, time);
}

}  // namespace

Result<void> wait_for_socket(int socket, bool writable, ports::Clock& clock, Instant deadline) {
  constexpr std::int64_t kPollMsMax = 60'000;
  for (;;) {
    const std::int64_t left = (deadline - clock.now()).count();
    if (left <= 0) return fail(Next::Retry, ports::kNetTimeout, "expected the service in time, saw nothing of it");
    pollfd wish{socket, static_cast<short>(writable ? POLLOUT : POLLIN), 0};
    const int ready = ::poll(&wish, 1, static_cast<int>(std::min(left, kPollMsMax)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Next::Retry, ports::kNetUnreachable, std::strerror(errno));
  }
}

Result<system::Descriptor> dial(const ServiceAddress& address, ports::Clock& clock, Duration time) {
  if (address.proxy) {
    const ServiceAddress proxy{
        .host = address.proxy->host, .port = address.proxy->port, .authority = address.proxy->host};
    system::Descriptor socket = TRY(dial(proxy, clock, time));
    TRY(open_tunnel(socket, address, clock, time));
    return socket;
  }
  if (address.dialled) return dial_dialled(address, clock, time);
  const Addresses addresses = TRY(look_up(address));
  Result<system::Descriptor> last = unreachable(address, "no address");
  int tried = 0;
  for (const addrinfo* at = addresses.get(); at != nullptr && tried < kAddressesMax; at = at->ai_next, ++tried) {
    last = dial_one(*at->ai_addr, at->ai_addrlen, address, clock, time);
    if (last) return last;
  }
  return last;
}

}  // namespace holdfast::linux::net
