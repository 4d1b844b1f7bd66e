// Certificate revocation lists (RFC 5280 §5): read and judged on one side, made on the other. Making is two-step,
// because the issuing CA's key lives behind ports::Signer: bytes to be signed out, signature in.
// A list is believed if its issuer signed it and may (cRLSign), it is current, and carries a non-critical CRL number;
// delta lists and indirect lists are refused, and so is an entry or extension that is critical and unknown.
#pragma once

#include "trust/x509/certificate.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kCrlMalformed{"crl-malformed"};
inline constexpr Reason kCrlUntrusted{"crl-untrusted"};
inline constexpr Reason kCrlNotCurrent{"crl-not-current"};
inline constexpr Reason kCertificateRevoked{"certificate-revoked"};

inline constexpr std::size_t kCrlBytesMax = 16 * 1024 * 1024;

/// CRLReason of RFC 5280 §5.3.1.
enum class RevocationReason : std::uint8_t {
  Unspecified = 0,
  KeyCompromise = 1,
  CaCompromise = 2,
  AffiliationChanged = 3,
  Superseded = 4,
  CessationOfOperation = 5,
  PrivilegeWithdrawn = 9,
};

struct Revocation {
  Blob serial;  ///< big-endian as in Certificate::serial()
  WallTime at;
  RevocationReason reason = RevocationReason::Unspecified;
};

class Crl {
 public:
  Bytes der() const;
  std::uint64_t number() const;
  WallTime this_update() const;
  WallTime next_update() const;
  Bytes issuer_der() const;
  std::optional<std::string> url() const;  ///< of its issuing distribution point
  std::size_t size() const;                ///< entries
  std::optional<Revocation> find(Bytes serial) const;
  const std::vector<Revocation>& entries() const;  ///< by serial

  struct Held;
  const Held& held() const { return *held_; }

 private:
  explicit Crl(std::shared_ptr<const Held> held) : held_(std::move(held)) {}
  friend Result<Crl> parse_crl(Bytes der);
  std::shared_ptr<const Held> held_;
};

Result<Crl> parse_crl(Bytes der);
/// Every `X509 CRL` block of a PEM text.
Result<std::vector<Crl>> read_crls(std::string_view pem);

/// Whether the list says that it is this certificate's subject's.
bool is_issuer_of(const Certificate& issuer, const Crl& crl);

/// Whether `issuer` made this list and it is current at `now`. Who `issuer` is has been verified before.
Result<void> verify_crl(const Crl& crl, const Certificate& issuer, WallTime now);

struct CrlProfile {
  Certificate issuer;
  std::uint64_t number;
  WallTime this_update;
  WallTime next_update;
  std::string url;  ///< exactly the leaves' distribution point; empty: a root's list, whose issuing CAs have none
  std::vector<Revocation> revoked;
};

/// TBSCertList for ECDSA with SHA-256.
Result<Blob> crl_to_be_signed(const CrlProfile& profile);
Blob assemble_crl(Bytes to_be_signed, Bytes signature_der);
std::string crl_to_pem(Bytes der);

}  // namespace holdfast::trust::x509
