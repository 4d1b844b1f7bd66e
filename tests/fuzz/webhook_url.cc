// What an owner gives as a webhook's URL, and the addresses in it: whatever is taken is one host and one target, and an
// address that we read is one that the system reads alike.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "service/webhook/url.h"

namespace {

using namespace holdfast;

void require(bool holds) {
  if (!holds) std::abort();
}

/// inet_pton reads what we read, and to the same bytes.
void compare_with_system(const std::string& text, const ports::IpAddress& address) {
  ByteArray<16> seen{};
  if (text.find(':') == std::string::npos) {
    seen[10] = seen[11] = 0xFF;
    require(inet_pton(AF_INET, text.c_str(), seen.data() + 12) == 1);
  } else {
    require(inet_pton(AF_INET6, text.c_str(), seen.data()) == 1);
  }
  require(seen == address.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  if (const auto address = ports::parse_ip_address(text)) compare_with_system(text, *address);
  const auto url = service::webhook::parse_url(text);
  if (!url) return 0;
  require(url->target.starts_with('/') && url->port != 0 && !url->host.empty());
  require(url->host.find_first_of("@/\\#? \r\n") == std::string::npos);
  if (url->address) compare_with_system(url->host, *url->address);
  // What is shown of it is a URL again, to the same host.
  const auto again = service::webhook::parse_url(url->without_query());
  require(again && again->host == url->host && again->port == url->port);
  return 0;
}
