// Bytes as text: hex, base64 (RFC 4648 §4 and §5), Crockford base32. Decoders take the canonical form alone: no white
// space, exact padding (base64url: none), zero trailing bits.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

inline constexpr Reason kEncodingMalformed{"encoding-malformed"};

std::string to_hex(Bytes bytes);
Result<Blob> from_hex(std::string_view text);

std::string to_base64(Bytes bytes);
Result<Blob> from_base64(std::string_view text);

std::string to_base64url(Bytes bytes);
Result<Blob> from_base64url(std::string_view text);

/// Lower-case Crockford base32 of whole 5-bit groups; the size must be a multiple of 5 bytes.
std::string to_crockford(Bytes bytes);

/// `text` as N bytes of hex.
template <std::size_t N>
Result<ByteArray<N>> array_from_hex(std::string_view text) {
  const Blob bytes = TRY(from_hex(text));
  if (bytes.size() != N) {
    return fail(Next::Rejected, kEncodingMalformed,
                "expected " + std::to_string(N * 2) + " hex digits, saw " + std::to_string(text.size()));
  }
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace holdfast
