#include "cli/session/path.h"

namespace holdfast::cli {
namespace {

/// RFC 3986 §2.3, and what else a path segment may hold that our names use.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~@").find(c) != std::string_view::npos;
}

std::string encoded(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::string path_of(std::initializer_list<std::string_view> segments) {
  std::string out = "/v1";
  for (const std::string_view segment : segments) out += '/' + encoded(segment);
  return out;
}

std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  char separator = path.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    path += separator + encoded(name) + '=' + encoded(value);
    separator = '&';
  }
  return path;
}

}  // namespace holdfast::cli
