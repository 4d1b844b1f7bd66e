#include "base/encoding.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kCrockford = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr ByteArray<256> inverse(std::string_view alphabet) {
  ByteArray<256> table{};
  table.fill(0xFF);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr ByteArray<256> kFromBase64 = inverse(kBase64);
constexpr ByteArray<256> kFromBase64Url = inverse(kBase64Url);

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kEncodingMalformed,
              cat("expected ", expected, ", saw '", printable(seen, 60), "' (", seen.size(), " characters)"));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string encode64(Bytes bytes, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned group = (unsigned{bytes[i]} << 16) | (unsigned{bytes[i + 1]} << 8) | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) out += alphabet[(group >> shift) & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left > 0) {
    const unsigned group = (unsigned{bytes[i]} << 16) | (left == 2 ? unsigned{bytes[i + 1]} << 8 : 0u);
    for (std::size_t k = 0; k <= left; ++k) out += alphabet[(group >> (18 - 6 * k)) & 63];
    if (pad) out.append(3 - left, '=');
  }
  return out;
}

Result<Blob> decode64(std::string_view text, const ByteArray<256>& table, std::string_view kind) {
  if (text.size() % 4 == 1) return malformed(kind, text);
  Blob out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t value = table[static_cast<unsigned char>(c)];
    if (value == 0xFF) return malformed(kind, text);
    group = (group << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(group >> bits));
      group &= (1u << bits) - 1;
    }
  }
  if (group != 0) return malformed(kind, text);
  return out;
}

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<Blob> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return malformed("an even number of hex digits", text);
  Blob out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return malformed("hex digits", text);
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string to_base64(Bytes bytes) { return encode64(bytes, kBase64, true); }

Result<Blob> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("base64 with its padding", text);
  std::string_view digits = text;
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
  return decode64(digits, kFromBase64, "base64");
}

std::string to_base64url(Bytes bytes) { return encode64(bytes, kBase64Url, false); }

Result<Blob> from_base64url(std::string_view text) { return decode64(text, kFromBase64Url, "base64url"); }

std::string to_crockford(Bytes bytes) {
  CHECK_INVARIANT(bytes.size() % 5 == 0);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 5) {
    std::uint64_t group = 0;
    for (std::size_t k = 0; k < 5; ++k) group = (group << 8) | bytes[i + k];
    for (int shift = 35; shift >= 0; shift -= 5) out += kCrockford[(group >> shift) & 31];
  }
  return out;
}

}  // namespace holdfast
