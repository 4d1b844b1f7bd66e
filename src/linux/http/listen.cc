#include "linux/http/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "linux/http/server.h"

namespace holdfast::linux::http {
namespace {

constexpr int kBacklog = 4096;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
    return address;
  }
  return fail(Next::Rejected, kHttpAddressUnusable, cat("expected a numeric address, saw ", printable(text)));
}

}  // namespace

Result<system::Descriptor> listen_on(const std::string& address, std::uint16_t port) {
  const Address at = TRY(parse_address(address, port));
  system::Descriptor listener(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!listener.is_open() || ::setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener.number(), at.get(), at.size) != 0 || ::listen(listener.number(), kBacklog) != 0) {
    const int error = errno;
    return fail(error == EADDRINUSE ? Next::Conflict : Next::Denied, kHttpAddressUnusable,
                cat("expected to listen on ", address, " port ", port, ", saw: ", std::strerror(error)));
  }
  return listener;
}

std::uint16_t port_of(const system::Descriptor& listener) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  CHECK_INVARIANT(::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&bound), &size) == 0);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

std::size_t descriptors_max() {
  rlimit limit{};
  CHECK_INVARIANT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  CHECK_INVARIANT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_cur;
}

}  // namespace holdfast::linux::http
