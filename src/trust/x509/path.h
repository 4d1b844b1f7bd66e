// Paths from a leaf to a trusted certificate, built and verified by OpenSSL, judged by the caller's own rules as well.
// OpenSSL tries one path and gives up where it breaks a rule; here the certificates of a broken path are left out in
// turn and the search goes on, so that a cross-signed, expired or constrained CA does not hide a good path (RFC 5280
// §6 leaves path building open). The search ends after kPathsMax paths, whatever it has seen.
#pragma once

#include <functional>

#include "trust/x509/chain.h"

namespace holdfast::trust::x509 {

inline constexpr int kPathsMax = 16;

struct PathRules {
  bool strict;                     ///< X509_V_FLAG_X509_STRICT and policy processing
  std::optional<Purpose> purpose;  ///< none: any
  /// Whether a path (leaf first, the trusted certificate last) that OpenSSL verified will do.
  std::function<Result<void>(const std::vector<Certificate>&)> accept;
};

/// The first path that passes; else why the first one tried did not. Validity times are for `accept` to judge.
Result<std::vector<Certificate>> find_path(const Certificate& leaf, const std::vector<Certificate>& untrusted,
                                           const std::vector<Certificate>& trusted, const PathRules& rules);

/// Whether every certificate is valid at `now`, both ends included (RFC 5280 §4.1.2.5).
Result<void> require_validity(const std::vector<Certificate>& path, WallTime now);

}  // namespace holdfast::trust::x509
