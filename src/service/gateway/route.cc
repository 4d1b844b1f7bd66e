#include "service/gateway/route.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace holdfast::service::gateway {
namespace {

int digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view name_in(std::string_view pair) { return pair.substr(0, pair.find('=')); }

}  // namespace

std::string Call::query(std::string_view name) const {
  for (const std::string_view pair : split(request.query, '&')) {
    if (name_in(pair) == name && pair.size() > name.size()) return percent_decoded(pair.substr(name.size() + 1));
  }
  return {};
}

Result<std::int64_t> Call::number() const {
  const std::string& text = parameter("number");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value > 0) return value;
  return fail(Next::Rejected, kInputMalformed,
              cat("expected a number from 1 on in the path, saw '", printable(text, 40), "'"));
}

Result<std::int64_t> Call::query_integer(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                         std::int64_t max) const {
  const std::string text = query(name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    return fail(Next::Rejected, kInputMalformed,
                cat("expected ", name, " from ", min, " to ", max, ", saw '", printable(text, 40), "'"));
  }
  return value;
}

Result<std::optional<WallTime>> Call::query_time(std::string_view name) const {
  const std::string text = query(name);
  if (text.empty()) return std::optional<WallTime>();
  const auto time = parse_rfc3339(text);
  if (time) return std::optional<WallTime>(*time);
  return fail(Next::Rejected, kInputMalformed,
              cat("expected ", name, " such as 2026-01-31T12:00:00Z, saw '", printable(text, 40), "'"));
}

Result<std::optional<std::size_t>> Call::query_word(std::string_view name,
                                                    std::span<const std::string_view> words) const {
  const std::string text = query(name);
  if (text.empty()) return std::optional<std::size_t>();
  const auto at = std::ranges::find(words, text);
  if (at != words.end()) return std::optional(static_cast<std::size_t>(at - words.begin()));
  return fail(Next::Rejected, kInputMalformed,
              cat("expected ", name, " to be one of ", join({words.begin(), words.end()}, ", "), ", saw '",
                  printable(text, 40), "'"));
}

Result<void> require_queries(const Request& request, const Route& route) {
  if (request.query.empty()) return {};
  std::vector<std::string_view> seen;
  const auto known = split(route.queries, ' ');
  for (const std::string_view pair : split(request.query, '&')) {
    const std::string_view name = name_in(pair);
    const bool is_known = !name.empty() && std::ranges::find(known, name) != known.end();
    if (is_known && std::ranges::find(seen, name) == seen.end()) {
      seen.push_back(name);
      continue;
    }
    return fail(
        Next::Rejected, kQueryUnknown,
        cat("expected each of '", route.queries, "' once at most in the query, saw '", printable(name, 40), "'"));
  }
  return {};
}

}  // namespace holdfast::service::gateway
