#include "linux/net/https_callout.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace holdfast::linux::net {
namespace {

ports::IpAddress address_of(const addrinfo& found) {
  ports::IpAddress out;
  if (found.ai_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr;
    std::memcpy(out.bytes.data(), &address, out.bytes.size());
  } else {
    const auto& address = reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr;
    out.bytes[10] = out.bytes[11] = 0xFF;
    std::memcpy(out.bytes.data() + 12, &address, 4);
  }
  return out;
}

std::string service_of(const ports::CalloutRequest& request) {
  const bool is_ipv6 = request.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? cat("[", request.host, "]") : request.host;
  return request.port == 443 ? cat("https://", host) : cat("https://", host, ":", request.port);
}

}  // namespace

Result<std::vector<ports::IpAddress>> resolve_by_system(const std::string& host) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), nullptr, &wish, &found);
  if (failed != 0) return fail(Next::Retry, ports::kCalloutNameUnknown, gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  std::vector<ports::IpAddress> out;
  for (const addrinfo* at = found; at != nullptr && out.size() < ports::kCalloutAddressesMax; at = at->ai_next) {
    if (at->ai_family == AF_INET || at->ai_family == AF_INET6) out.push_back(address_of(*at));
  }
  return out;
}

Result<int> HttpsCallout::post(const ports::CalloutRequest& request) {
  Call call{.service = service_of(request), .peer = tls::PeerPublic{}, .method = "POST", .path = request.target};
  if (const auto* under = std::get_if<ports::PeerUnder>(&request.peer)) call.peer = tls::PeerUnder{under->service_ca};
  call.address = request.address;
  call.headers = request.headers;
  call.body = request.body;
  call.answer_bytes_max = kCalloutAnswerBytesMax;
  return TRY(client_.exchange(call)).status;
}

}  // namespace holdfast::linux::net
