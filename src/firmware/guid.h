// A GUID as UEFI keeps it (UEFI 2.10 appendix A): the first three fields little-endian.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace holdfast::firmware {

struct Guid {
  ByteArray<16> bytes{};
  friend bool operator==(const Guid&, const Guid&) = default;
  friend auto operator<=>(const Guid&, const Guid&) = default;
};

namespace guid_detail {
inline constexpr std::size_t kTextBytes = 36;
/// Which byte each pair of digits is.
inline constexpr std::uint8_t kPlaces[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
consteval std::uint8_t digit(char one) { return static_cast<std::uint8_t>(one >= 'a' ? one - 'a' + 10 : one - '0'); }
}  // namespace guid_detail

/// Of `8be4df61-93ca-11d2-aa0d-00e098032b8c`, in small letters; anything else does not compile.
consteval Guid guid(std::string_view text) {
  if (text.size() != guid_detail::kTextBytes) throw "expected a GUID of 36 characters";
  Guid out;
  std::size_t byte = 0;
  for (std::size_t at = 0; at < guid_detail::kTextBytes; at += 2) {
    if (text[at] == '-') ++at;
    out.bytes[guid_detail::kPlaces[byte++]] =
        static_cast<std::uint8_t>(guid_detail::digit(text[at]) << 4 | guid_detail::digit(text[at + 1]));
  }
  return out;
}

/// In the same form; letters may be large. None where it is another.
std::optional<Guid> parse_guid(std::string_view text);
std::string to_text(const Guid& guid);

}  // namespace holdfast::firmware
