#include "service/gateway/page.h"

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::service::gateway {
namespace {

constexpr std::size_t kCursorBytesMax = 4096;

std::string tagged(const ports::Field& field) {
  if (const auto* integer = std::get_if<std::int64_t>(&field)) return cat("i", *integer);
  if (const auto* text = std::get_if<std::string>(&field)) return cat("t", *text);
  if (const auto* blob = std::get_if<Blob>(&field)) return cat("b", to_hex(*blob));
  return "n";
}

std::unexpected<Error> malformed() {
  return fail(Next::Rejected, kInputMalformed, "expected after to be the next of the page before, saw something else");
}

Result<ports::Field> untagged(std::string_view text) {
  const std::string_view rest = text.empty() ? text : text.substr(1);
  if (text == "n") return ports::Field();
  if (text.starts_with('t')) return ports::Field(std::string(rest));
  if (text.starts_with('b')) return ports::Field(TRY(from_hex(rest)));
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), integer);
  if (!text.starts_with('i') || error != std::errc() || end != rest.data() + rest.size()) return malformed();
  return ports::Field(integer);
}

}  // namespace

std::string cursor_text(const ports::Record& place) {
  json::Array parts;
  for (const ports::Field& field : place) parts.emplace_back(tagged(field));
  return to_base64url(as_bytes(json::dump(json::Value(std::move(parts)))));
}

Result<ports::Record> parse_cursor(std::string_view text) {
  const auto bytes = from_base64url(text);
  const auto parts = bytes ? json::parse(*bytes, {.bytes_max = kCursorBytesMax}) : Result<json::Value>(malformed());
  if (!parts || parts->array() == nullptr) return malformed();
  ports::Record out;
  for (const json::Value& part : *parts->array()) {
    auto field = part.text() == nullptr ? Result<ports::Field>(malformed()) : untagged(*part.text());
    if (!field) return malformed();
    out.push_back(*std::move(field));
  }
  return out;
}

}  // namespace holdfast::service::gateway
