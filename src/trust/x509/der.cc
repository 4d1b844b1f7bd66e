#include "trust/x509/der.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::uint8_t kContextClass = 0x80;
constexpr std::uint8_t kConstructed = 0x20;
constexpr WallTime kGeneralizedFrom = WallTime::from_seconds(2'524'608'000);  // 2050-01-01

void append_size(Blob& out, std::size_t size) {
  if (size < 0x80) return out.push_back(static_cast<std::uint8_t>(size));
  const auto bytes = static_cast<std::size_t>(std::bit_width(size) + 7) / 8;
  out.push_back(static_cast<std::uint8_t>(0x80 | bytes));
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

void append_base128(Blob& out, std::uint64_t arc) {
  const auto groups = std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(arc)) + 6) / 7);
  for (std::size_t i = groups; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>((arc >> (7 * i) & 0x7F) | (i > 0 ? 0x80 : 0)));
  }
}

std::uint64_t arc_of(std::string_view decimal) {
  std::uint64_t arc = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), arc);
  CHECK_INVARIANT(error == std::errc() && end == decimal.data() + decimal.size());
  return arc;
}

}  // namespace

DerTag der_context(unsigned number) { return static_cast<DerTag>(kContextClass | number); }
DerTag der_context_constructed(unsigned number) { return static_cast<DerTag>(kContextClass | kConstructed | number); }

Blob der_element(DerTag tag, std::initializer_list<Bytes> contents) {
  std::size_t size = 0;
  for (const Bytes part : contents) size += part.size();
  Blob out;
  out.reserve(size + 1 + 1 + sizeof size);
  out.push_back(tag);
  append_size(out, size);
  for (const Bytes part : contents) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Blob der_integer(Bytes magnitude) {
  while (magnitude.size() > 1 && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  const std::uint8_t zero = 0;
  const bool pad = magnitude.empty() || (magnitude.front() & 0x80) != 0;
  return der_element(kDerInteger, {pad ? Bytes(&zero, 1) : Bytes(), magnitude});
}

Blob der_integer(std::uint64_t value) {
  ByteArray<8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
  return der_integer(Bytes(bytes));
}

Blob der_truth() { return {kDerBoolean, 1, 0xFF}; }

Blob der_octets(Bytes contents) { return der_element(kDerOctetString, {contents}); }

Blob der_bits(Bytes contents) {
  const std::uint8_t unused = 0;
  return der_element(kDerBitString, {Bytes(&unused, 1), contents});
}

Blob der_named_bits(std::uint8_t first_byte) {
  CHECK_INVARIANT(first_byte != 0);
  const ByteArray<2> contents{static_cast<std::uint8_t>(std::countr_zero(first_byte)), first_byte};
  return der_element(kDerBitString, {contents});
}

Blob der_text(std::string_view utf8) { return der_element(kDerUtf8String, {as_bytes(utf8)}); }

Blob der_object_identifier(std::string_view dotted) {
  const std::vector<std::string_view> arcs = split(dotted, '.');
  CHECK_INVARIANT(arcs.size() >= 2);
  Blob contents;
  append_base128(contents, arc_of(arcs[0]) * 40 + arc_of(arcs[1]));
  for (std::size_t i = 2; i < arcs.size(); ++i) append_base128(contents, arc_of(arcs[i]));
  return der_element(kDerObjectIdentifier, {contents});
}

Blob der_time(WallTime at) {
  std::string digits;
  for (const char c : to_rfc3339(at)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  digits += 'Z';
  if (at >= kGeneralizedFrom) return der_element(kDerGeneralizedTime, {as_bytes(digits)});
  return der_element(kDerUtcTime, {as_bytes(std::string_view(digits).substr(2))});
}

Blob der_ecdsa_sha256() { return {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}; }

Blob der_signed_with_ecdsa_sha256(Bytes to_be_signed, Bytes signature_der) {
  return der_sequence({to_be_signed, der_ecdsa_sha256(), der_bits(signature_der)});
}

}  // namespace holdfast::trust::x509
