// What a certificate of ours may be used for (extended key usage, RFC 5280 §4.2.1.12).
#pragma once

#include "trust/x509/profile.h"

namespace holdfast::trust::x509 {

inline constexpr std::string_view kServerAuthOid = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view kClientAuthOid = "1.3.6.1.5.5.7.3.2";
inline constexpr std::string_view kAnyUsageOid = "2.5.29.37.0";

std::string_view usage_of(LeafKind kind);

}  // namespace holdfast::trust::x509
