#include "trust/x509/names.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::string_view kWildcard = "*.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
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
  const std::string ended(text);
  if (ended.find('\0') != std::string::npos) return std::nullopt;
  for (const auto& [family, size] : {std::pair{AF_INET, 4u}, std::pair{AF_INET6, 16u}}) {
    Blob out(size);
    if (inet_pton(family, ended.c_str(), out.data()) == 1) return out;
  }
  return std::nullopt;
}

std::string address_text(Bytes address) {
  char text[INET6_ADDRSTRLEN];
  if (address.size() != 4 && address.size() != 16) return "";
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, address.data(), text, sizeof text) != nullptr ? text : "";
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
