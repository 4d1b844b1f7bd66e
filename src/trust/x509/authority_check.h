// Whether a certificate is an authority of ours: the one that its profile describes, to the last byte, and signed by
// whom it should be. This is how the service takes certificates that the owner's machine made.
#pragma once

#include "trust/x509/authority.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kAuthorityWrong{"authority-wrong"};

/// Whether `certificate` is the catalog's issuing CA of this number under `root`, and `root` its self-signed root; both
/// are valid at `now`.
Result<void> require_issuing_ca(const Certificate& certificate, const Certificate& root, Authority authority,
                                std::string_view catalog, int number, WallTime now);

}  // namespace holdfast::trust::x509
