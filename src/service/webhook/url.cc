#include "service/webhook/url.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/text.h"

namespace holdfast::service::webhook {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kNameBytesMax = 253;  // RFC 1035 §2.3.4, without the trailing dot
constexpr std::size_t kLabelBytesMax = 63;

std::unexpected<Error> malformed(std::string_view what) {
  // The URL itself stays out of the sentence: its path or query may be a secret.
  return fail(Next::Rejected, kWebhookUrlMalformed,
              cat("expected https://host[:port]/path without user or fragment, saw ", what));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

/// What ends in a number is an address to resolvers (`127.1`, `0x7f000001`), and so never a name here.
bool is_name(std::string_view host) {
  const auto labels = split(host, '.');
  const std::string_view last = labels.back();
  const bool is_number = std::ranges::all_of(last, is_digit) || last.starts_with("0x");
  return host.size() <= kNameBytesMax && std::ranges::all_of(labels, is_label) && !is_number;
}

/// RFC 3986 §3.3 and §3.4; a backslash, a quote or a space is read differently by different readers.
bool is_target(std::string_view target) {
  return std::ranges::all_of(target, [](char c) {
    return is_letter(lower(c)) || is_digit(c) ||
           std::string_view("-._~!$&'()*+,;=:@/?%").find(c) != std::string_view::npos;
  });
}

Result<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return malformed("another port");
  return port;
}

Result<void> read_host(WebhookUrl& url, std::string_view host) {
  const bool in_brackets = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (in_brackets) host = host.substr(1, host.size() - 2);
  std::ranges::transform(host, std::back_inserter(url.host), lower);
  if (const auto address = ports::parse_ip_address(url.host)) {
    if (in_brackets != (host.find(':') != std::string_view::npos)) return malformed("an address in another form");
    url.address = *address;
    return {};
  }
  if (in_brackets || !is_name(url.host)) return malformed("a host that is neither a name nor an address");
  return {};
}

}  // namespace

std::string WebhookUrl::origin() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string out = cat(kScheme, is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "");
  return port == 443 ? out : cat(out, ":", port);
}

std::string WebhookUrl::without_query() const { return cat(origin(), target.substr(0, target.find('?'))); }

Result<WebhookUrl> parse_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return malformed(cat(text.size(), " bytes"));
  if (!text.starts_with(kScheme)) return malformed("another scheme");
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, path);
  WebhookUrl url;
  url.target = rest.substr(path);
  if (authority.find('@') != std::string_view::npos) return malformed("user information");
  if (url.target.find('#') != std::string::npos) return malformed("a fragment");
  if (!is_target(url.target)) return malformed("characters that have to be percent-encoded");
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return malformed("an open bracket");
  const std::size_t colon = authority.find(':', bracket);
  if (colon != std::string_view::npos) url.port = TRY(port_of(authority.substr(colon + 1)));
  TRY(read_host(url, authority.substr(0, colon)));
  return url;
}

}  // namespace holdfast::service::webhook
