#include "firmware/guid.h"

#include <algorithm>

#include "base/encoding.h"

namespace holdfast::firmware {
namespace {

constexpr std::size_t kHyphens[] = {8, 13, 18, 23};

}  // namespace

std::optional<Guid> parse_guid(std::string_view text) {
  if (text.size() != guid_detail::kTextBytes) return std::nullopt;
  std::string digits;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_hyphen = std::ranges::find(kHyphens, at) != std::end(kHyphens);
    if (is_hyphen != (text[at] == '-')) return std::nullopt;
    if (!is_hyphen) digits += static_cast<char>(text[at] >= 'A' && text[at] <= 'F' ? text[at] + ('a' - 'A') : text[at]);
  }
  const auto bytes = from_hex(digits);
  if (!bytes) return std::nullopt;
  Guid out;
  for (std::size_t at = 0; at < out.bytes.size(); ++at) out.bytes[guid_detail::kPlaces[at]] = (*bytes)[at];
  return out;
}

std::string to_text(const Guid& guid) {
  ByteArray<16> in_order{};
  for (std::size_t at = 0; at < in_order.size(); ++at) in_order[at] = guid.bytes[guid_detail::kPlaces[at]];
  std::string out = to_hex(in_order);
  for (const std::size_t at : kHyphens) out.insert(at, 1, '-');
  return out;
}

}  // namespace holdfast::firmware
