// Whether a certificate leads to a trusted root, for a purpose, at a time, under a name. The path is OpenSSL's, with
// X509_V_FLAG_X509_STRICT; around it stand the checks that it leaves out (form.cc lists each with its source).
// Stricter than RFC 5280 on purpose: an end entity has an extended key usage and is no CA; a wildcard counts only
// beside its base (names.h); name constraints are critical; the common name names nobody.
// Refuses what would cost too much before it pays: budgets are the k…Max below.
#pragma once

#include "trust/x509/certificate.h"
#include "trust/x509/crl.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kChainUntrusted{"chain-untrusted"};         ///< no path to a trusted root
inline constexpr Reason kChainProfile{"chain-profile"};             ///< a certificate on the path breaks a rule of form
inline constexpr Reason kChainExpired{"chain-expired"};             ///< outside its validity, either side
inline constexpr Reason kChainPurpose{"chain-purpose"};             ///< not for this use
inline constexpr Reason kChainName{"chain-name"};                   ///< not this host or address
inline constexpr Reason kChainConstraint{"chain-name-constraint"};  ///< a CA on the path may not name it
inline constexpr Reason kChainTooDeep{"chain-too-deep"};
inline constexpr Reason kChainBudget{"chain-budget"};  ///< would cost more than it may

inline constexpr std::size_t kTrustedMax = 4096;
inline constexpr std::size_t kUntrustedMax = 32;
inline constexpr std::size_t kCrlsMax = 64;
inline constexpr int kChainDepthMax = 8;     ///< intermediates between leaf and root
inline constexpr int kConstraintsMax = 128;  ///< subtrees in one certificate
inline constexpr int kNamesMax = 256;        ///< in one certificate: alternative names and parts of the subject

enum class Purpose { Client, Server };

struct ChainRequest {
  std::vector<Certificate> trusted;
  std::vector<Certificate> untrusted;
  /// Where a list by the issuer of a certificate on the path is here, it must be valid and must not name it.
  std::vector<Crl> crls;
  WallTime time;
  Purpose purpose = Purpose::Server;
  std::optional<std::string> host = {};     ///< DNS name in letters, digits and hyphens
  std::optional<std::string> address = {};  ///< IPv4 or IPv6, as text
  std::optional<int> depth = {};            ///< intermediates allowed; self-issued ones do not count (RFC 5280 §6.1.4)
};

/// The path from the leaf to the root that was trusted, both included.
Result<std::vector<Certificate>> verify_chain(const Certificate& leaf, const ChainRequest& request);

/// The same question in PEM: what `holdfast verify-chain` asks.
struct ChainQuestion {
  std::string leaf;  ///< exactly one certificate
  std::string trusted;
  std::string untrusted;          ///< may be empty
  std::vector<std::string> crls;  ///< each one or more
  WallTime time;
  Purpose purpose = Purpose::Server;
  std::optional<std::string> host = {};
  std::optional<std::string> address = {};
  std::optional<int> depth = {};
};

Result<std::vector<Certificate>> verify_chain(const ChainQuestion& question);

}  // namespace holdfast::trust::x509
