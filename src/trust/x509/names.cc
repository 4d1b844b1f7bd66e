#include "trust/x509/names.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "trust/x509/certificate_held.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::string_view kWildcard = "*.";
constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

struct Run {
  std::size_t from = 0;
  std::size_t size = 0;
};

/// The first of the longest runs of zero groups (RFC 5952 §4.2).
Run longest_zeros(const std::array<unsigned, 8>& groups) {
  Run best;
  Run now;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    now = groups[i] != 0 ? Run{i + 1, 0} : Run{now.from, now.size + 1};
    if (now.size > best.size) best = now;
  }
  return best.size >= 2 ? best : Run{groups.size(), 0};  // one group alone is not shortened
}

std::string ipv6_text(Bytes address) {
  std::array<unsigned, 8> groups;
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = unsigned{address[2 * i]} << 8 | address[2 * i + 1];
  const Run zeros = longest_zeros(groups);
  std::string out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == zeros.from) out += "::";
    if (i >= zeros.from && i < zeros.from + zeros.size) continue;
    if (!out.empty() && !out.ends_with(':')) out += ':';
    char digits[4];
    const auto end = std::to_chars(digits, digits + sizeof digits, groups[i], 16).ptr;
    out.append(digits, end);
  }
  return out;
}

}  // namespace

bool is_host(std::string_view name) {
  if (name.empty() || name.size() > kHostBytesMax) return false;
  const std::vector<std::string_view> labels = split(name, '.');
  return std::ranges::all_of(labels, is_label) && !std::ranges::all_of(labels.back(), is_digit);
}

bool is_host_pattern(std::string_view name) {
  if (!name.starts_with(kWildcard)) return is_host(name);
  name.remove_prefix(kWildcard.size());
  return is_host(name) && name.contains('.');
}

bool is_mailbox(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos || at == 0 || name.find('@', at + 1) != std::string_view::npos) return false;
  return is_host(name.substr(at + 1)) &&
         std::ranges::all_of(name.substr(0, at), [](char c) { return c > ' ' && c < 0x7F; });
}

std::optional<Blob> address_from(std::string_view text) {
  using Held = std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>>;
  const std::string ended(text);
  if (ended.contains('\0')) return std::nullopt;
  const Held read(a2i_IPADDRESS(ended.c_str()));
  ERR_clear_error();
  if (!read) return std::nullopt;
  Blob out = bytes_of(read.get());
  // OpenSSL reads 127.0.0.01 as well, which elsewhere is octal.
  if (out.size() == kIpv4Bytes && address_text(out) != text) return std::nullopt;
  return out;
}

std::string address_text(Bytes address) {
  if (address.size() == kIpv6Bytes) return ipv6_text(address);
  if (address.size() != kIpv4Bytes) return "";
  return cat(address[0], '.', address[1], '.', address[2], '.', address[3]);
}

bool same_host(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool lies_in(std::string_view name, std::string_view domain) {
  if (name.size() <= domain.size()) return same_host(name, domain);
  const std::size_t cut = name.size() - domain.size();
  return name[cut - 1] == '.' && same_host(name.substr(cut), domain);
}

bool names_host(const Certificate& certificate, std::string_view host) {
  if (!is_host(host)) return false;
  const std::vector<std::string>& names = certificate.dns_names();
  const auto named = [&](std::string_view wanted) {
    return std::ranges::any_of(names, [&](const std::string& name) { return same_host(name, wanted); });
  };
  if (named(host)) return true;
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view base = host.substr(dot + 1);
  const std::string pattern = cat(kWildcard, base);
  return is_host_pattern(pattern) && named(pattern) && named(base);
}

bool names_address(const Certificate& certificate, Bytes address) {
  return std::ranges::any_of(certificate.addresses(), [&](const Blob& own) { return equal(own, address); });
}

}  // namespace holdfast::trust::x509
