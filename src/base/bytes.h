// Bytes: a view of somebody's bytes. Blob: bytes that we own. Conversions to and from text are explicit and copy
// nothing unless they say so.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

using Bytes = std::span<const std::uint8_t>;
using Blob = std::vector<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;
using Digest256 = ByteArray<32>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Blob to_blob(Bytes bytes) { return Blob(bytes.begin(), bytes.end()); }
inline std::string to_text(Bytes bytes) { return std::string(as_text(bytes)); }

bool equal(Bytes a, Bytes b);

/// Takes the same time whatever the contents; the lengths are not secret.
bool equal_in_constant_time(Bytes a, Bytes b);

Blob concat(std::initializer_list<Bytes> parts);

}  // namespace holdfast
