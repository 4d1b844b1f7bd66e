// Names of hosts and mailboxes as certificates carry them: what is well-formed, and what matches what (RFC 6125, RFC
// 5280 §4.2.1.6). Internationalised names are compared in their ASCII form; raw Unicode is refused.
// A wildcard is the whole first label, stands for exactly one label, and matches only in a certificate that names its
// base as well: who can be certified for `*.co.uk` but not for `co.uk` holds one of its children, and without a list of
// public suffixes that is the difference which tells.
#pragma once

#include <optional>

#include "trust/x509/certificate.h"

namespace holdfast::trust::x509 {

inline constexpr std::size_t kHostBytesMax = 253;
inline constexpr std::size_t kLabelBytesMax = 63;

/// Letters, digits and hyphens in labels of 1 to 63; the last label is not a number.
bool is_host(std::string_view name);
/// The same, or `*.` before a host of two labels or more.
bool is_host_pattern(std::string_view name);
/// One `@` with something on both sides, the right one a host.
bool is_mailbox(std::string_view name);

/// 4 or 16 bytes from IPv4 or IPv6 text; no leading zeros, no zone.
std::optional<Blob> address_from(std::string_view text);
/// The one text of an address (RFC 5952); empty where it has neither size.
std::string address_text(Bytes address);

/// Whether one of the certificate's DNS names is `host`. Its common name is never looked at.
bool names_host(const Certificate& certificate, std::string_view host);
bool names_address(const Certificate& certificate, Bytes address);

/// Whether `name` is `domain` or lies in it; both hosts, compared without case.
bool lies_in(std::string_view name, std::string_view domain);
bool same_host(std::string_view a, std::string_view b);

}  // namespace holdfast::trust::x509
