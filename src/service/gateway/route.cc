#include "service/gateway/route.h"

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

}  // namespace

std::string Call::query(std::string_view name) const {
  for (const std::string_view pair : split(request.query, '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name || equals == std::string_view::npos) continue;
    return percent_decoded(pair.substr(equals + 1));
  }
  return {};
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

}  // namespace holdfast::service::gateway
