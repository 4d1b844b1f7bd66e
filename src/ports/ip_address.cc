#include "ports/ip_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace holdfast::ports {
namespace {

constexpr std::size_t kGroups = 8;
constexpr unsigned kMappedBits = 96;
constexpr std::size_t kTextBytesMax = 45;  // the longest IPv6 address with its last 32 bits in decimal

std::optional<unsigned> number(std::string_view text, std::size_t digits_max, int base, unsigned max) {
  unsigned value = 0;
  if (text.empty() || text.size() > digits_max) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return {};
  return value;
}

std::optional<ByteArray<4>> ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  ByteArray<4> out{};
  if (parts.size() != out.size()) return {};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto value = number(parts[i], 3, 10, 255);
    if (!value || (parts[i].size() > 1 && parts[i].front() == '0')) return {};
    out[i] = static_cast<std::uint8_t>(*value);
  }
  return out;
}

/// The bytes of groups between colons; the last one may be an IPv4 address where `may_end_in_ipv4`.
std::optional<Blob> groups(std::string_view text, bool may_end_in_ipv4) {
  Blob out;
  if (text.empty()) return out;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (may_end_in_ipv4 && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto embedded = ipv4(parts[i]);
      if (!embedded) return {};
      out.insert(out.end(), embedded->begin(), embedded->end());
      continue;
    }
    const auto group = number(parts[i], 4, 16, 0xFFFF);
    if (!group) return {};
    out.push_back(static_cast<std::uint8_t>(*group >> 8));
    out.push_back(static_cast<std::uint8_t>(*group & 0xFF));
  }
  return out;
}

/// RFC 4291 §2.2.
std::optional<IpAddress> ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto head = groups(text.substr(0, gap), !has_gap);
  const auto tail = groups(has_gap ? text.substr(gap + 2) : std::string_view(), true);
  if (!head || !tail) return {};
  const std::size_t size = head->size() + tail->size();
  if (has_gap ? size > 2 * (kGroups - 1) : size != 2 * kGroups) return {};
  IpAddress out;
  std::ranges::copy(*head, out.bytes.begin());
  std::ranges::copy(*tail, out.bytes.end() - static_cast<std::ptrdiff_t>(tail->size()));
  return out;
}

IpAddress mapped(const ByteArray<4>& ipv4_bytes) {
  IpAddress out;
  out.bytes[10] = out.bytes[11] = 0xFF;
  std::ranges::copy(ipv4_bytes, out.bytes.begin() + 12);
  return out;
}

/// The address with everything behind the prefix cleared.
IpAddress cut(IpAddress address, unsigned bits) {
  for (unsigned i = 0; i < address.bytes.size(); ++i) {
    const unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8u) : 0;
    address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xFF00u >> kept));
  }
  return address;
}

}  // namespace

bool IpAddress::is_ipv4() const { return cut(*this, kMappedBits) == mapped({}); }

Result<IpAddress> parse_ip_address(std::string_view text) {
  if (text.size() <= kTextBytesMax) {
    if (const auto address = ipv4(text)) return mapped(*address);
    if (const auto address = ipv6(text)) return *address;
  }
  return fail(Next::Rejected, kIpAddressMalformed,
              cat("expected an IPv4 or IPv6 address, saw '", printable(text, kTextBytesMax), "'"));
}

std::string to_text(const IpAddress& address) {
  const auto& bytes = address.bytes;
  if (address.is_ipv4()) return cat(+bytes[12], '.', +bytes[13], '.', +bytes[14], '.', +bytes[15]);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    char group[4];
    const unsigned value = static_cast<unsigned>(bytes[at]) << 8 | bytes[at + 1];
    const auto [end, problem] = std::to_chars(group, group + sizeof group, value, 16);
    out += cat(at == 0 ? "" : ":", std::string_view(group, static_cast<std::size_t>(end - group)));
  }
  return out;
}

bool AddressRange::holds(const IpAddress& address) const { return cut(address, bits) == first; }

Result<AddressRange> parse_address_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  AddressRange out;
  out.first = TRY(parse_ip_address(text.substr(0, slash)));
  // A mapped address that is written as IPv6 counts its bits as IPv6 does.
  const bool is_short = text.find(':') == std::string_view::npos;
  const unsigned width = is_short ? 32 : 128;
  const auto bits = slash == std::string_view::npos ? width : number(text.substr(slash + 1), 3, 10, width);
  if (bits) out.bits = *bits + (is_short ? kMappedBits : 0);
  if (bits && out.holds(out.first)) return out;
  return fail(Next::Rejected, kIpAddressMalformed,
              cat("expected a range such as 10.0.0.0/8, saw '", printable(text, 60), "'"));
}

bool is_within(const std::vector<AddressRange>& ranges, const IpAddress& address) {
  return std::ranges::any_of(ranges, [&](const AddressRange& range) { return range.holds(address); });
}

}  // namespace holdfast::ports
