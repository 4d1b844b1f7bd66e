#include "linux/net/service_address.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "linux/net/client.h"

namespace holdfast::linux::net {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kPlainScheme = "http://";
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 §2.3.4, without the trailing dot

std::unexpected<Error> malformed(std::string_view text) {
  return fail(Next::Rejected, kNetRequestMalformed,
              cat("expected a service as https://host or https://host:port, saw ", printable(text, 100)));
}

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax && is_alphanumeric(host.front()) &&
         std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
         });
}

/// `text` after its scheme.
Result<ServiceAddress> parse_authority(std::string_view text, std::string_view authority, std::uint16_t port) {
  ServiceAddress address{.host = {}, .port = port, .authority = std::string(authority)};
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || !is_ipv6(authority.substr(1, end - 1))) return malformed(text);
    address.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    address.host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (!is_name(address.host)) return malformed(text);
  }
  if (rest.empty()) return address;
  const char* end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data() + 1, end, address.port);
  if (rest.front() != ':' || parsed.ec != std::errc() || parsed.ptr != end || address.port == 0) return malformed(text);
  return address;
}

}  // namespace

Result<ServiceAddress> parse_service(std::string_view text) {
  if (!text.starts_with(kScheme)) return malformed(text);
  return parse_authority(text, text.substr(kScheme.size()), 443);
}

Result<ServiceAddress> parse_web_service(std::string_view text) {
  if (!text.starts_with(kPlainScheme)) return parse_service(text);
  ServiceAddress address = TRY(parse_authority(text, text.substr(kPlainScheme.size()), 80));
  address.is_plain = true;
  return address;
}

}  // namespace holdfast::linux::net
