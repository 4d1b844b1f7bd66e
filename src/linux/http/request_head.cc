#include "linux/http/request_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "linux/http/server.h"

namespace holdfast::linux::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
constexpr std::size_t kHostBytesMax = 255 + 6;  // a name and a port

Refusal malformed(std::string sentence) { return {400, Error{Next::Rejected, kHttpMalformed, std::move(sentence)}}; }

std::size_t count(const Head& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count(head.headers, name, [](const auto& header) -> std::string_view { return header.first; }));
}

std::string_view value(const Head& head, std::string_view name) {
  const auto found =
      std::ranges::find(head.headers, name, [](const auto& header) -> std::string_view { return header.first; });
  return found == head.headers.end() ? std::string_view() : std::string_view(found->second);
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

bool is_host_character(char c) {
  return is_visible(c) && std::string_view("/?#@\\\"<>^`{|},").find(c) == std::string_view::npos;
}

/// One length of one kind: two are how requests are smuggled past a proxy (RFC 9112 §11.2).
std::optional<Refusal> judge_length(const Head& head) {
  const std::size_t lengths = count(head, "content-length");
  const std::size_t codings = count(head, "transfer-encoding");
  if (lengths + codings > 1) return malformed("expected one Content-Length or Transfer-Encoding, saw several");
  if (lengths == 1 && !is_digits(value(head, "content-length"))) {
    return malformed("expected a Content-Length of digits, saw other characters");
  }
  if (codings == 1 && !equals_ignoring_case(value(head, "transfer-encoding"), "chunked")) {
    return Refusal{501, Error{Next::Rejected, kHttpMalformed, "expected Transfer-Encoding: chunked, saw another"}};
  }
  return std::nullopt;
}

std::optional<Refusal> judge_target(const Head& head) {
  if (head.target.size() > kPathBytesMax) {
    return Refusal{414, Error{Next::Rejected, kHttpTooLarge,
                              cat("expected a target of at most ", kPathBytesMax, " bytes, saw ", head.target.size())}};
  }
  const bool is_clean = head.target.starts_with('/') &&
                        std::ranges::all_of(head.target, [](char c) { return is_visible(c) && c != '#'; });
  if (!is_clean) return malformed(cat("expected a target that begins with /, saw ", printable(head.target, 60)));
  return std::nullopt;
}

}  // namespace

bool expects_continue(const Head& head) { return equals_ignoring_case(value(head, "expect"), "100-continue"); }

std::optional<Refusal> judge_head(const Head& head, std::string_view raw) {
  if (head.headers.size() > kHeadersMax) {
    return Refusal{431, Error{Next::Rejected, kHttpTooLarge,
                              cat("expected at most ", kHeadersMax, " headers, saw ", head.headers.size())}};
  }
  if (raw.find("\r\n ") != std::string_view::npos || raw.find("\r\n\t") != std::string_view::npos) {
    return malformed("expected each header in one line, saw a folded one");
  }
  if (std::ranges::find(kMethods, head.method) == kMethods.end()) {
    return Refusal{
        501, Error{Next::Rejected, kHttpMalformed, cat("expected a known method, saw ", printable(head.method, 20))}};
  }
  if (auto refusal = judge_target(head)) return refusal;
  const std::string_view host = value(head, "host");
  if (count(head, "host") != 1 || host.empty() || host.size() > kHostBytesMax ||
      !std::ranges::all_of(host, is_host_character)) {
    return malformed("expected one Host header with a host, saw none, several or another value");
  }
  if (auto refusal = judge_length(head)) return refusal;
  if (count(head, "content-encoding") != 0) {
    return Refusal{415, Error{Next::Rejected, kHttpMalformed, "expected a body without Content-Encoding, saw one"}};
  }
  if (count(head, "expect") != 0 && !expects_continue(head)) {
    return Refusal{417, Error{Next::Rejected, kHttpMalformed, "expected Expect: 100-continue, saw another"}};
  }
  return std::nullopt;
}

}  // namespace holdfast::linux::http
