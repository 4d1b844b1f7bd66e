// An X.509 v3 certificate (RFC 5280), decoded once and by one parser: OpenSSL's. What it says of itself is read from
// these fields alone, never from the bytes a second time. Cheap to copy; safe to share between threads.
// Parsing promises form and nothing else: canonical DER to the last byte, version 3, a key that Holdfast speaks, each
// extension at most once. Whether anybody may believe it is what chain.h, endorsement.h and crl.h answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "trust/crypto/key.h"
#include "trust/x509/pem.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kCertificateMalformed{"certificate-malformed"};
inline constexpr Reason kCertificateOversize{"certificate-oversize"};

inline constexpr std::size_t kCertificateBytesMax = 16 * 1024;

class Certificate {
 public:
  Bytes der() const;
  const Digest256& sha256() const;  ///< of der()
  const crypto::PublicKey& public_key() const;

  Bytes serial() const;  ///< big-endian, without the leading zero that DER adds; empty if negative
  WallTime not_before() const;
  WallTime not_after() const;  ///< the last second in which it is valid

  /// The one value of this attribute in the subject; nothing where there is none or more than one.
  std::optional<std::string> subject_organization() const;
  std::optional<std::string> subject_common_name() const;
  std::string subject_text() const;  ///< RFC 2253, for people; untrusted text, made printable
  std::string issuer_text() const;
  Bytes subject_der() const;  ///< the Name, DER
  Bytes issuer_der() const;

  bool is_ca() const;           ///< basicConstraints present and cA set
  bool is_self_issued() const;  ///< subject and issuer are the same name; says nothing about its signature
  const std::vector<std::string>& uris() const;
  const std::vector<std::string>& dns_names() const;
  const std::vector<Blob>& addresses() const;                   ///< 4 or 16 bytes each
  const std::vector<std::string>& extended_key_usages() const;  ///< dotted OIDs
  std::optional<std::string> crl_url() const;                   ///< the one full name of the one CRL distribution point
  Bytes subject_key_identifier() const;                         ///< empty where there is none
  Bytes authority_key_identifier() const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.sha256() == b.sha256(); }

  struct Held;
  const Held& held() const { return *held_; }

 private:
  explicit Certificate(std::shared_ptr<const Held> held) : held_(std::move(held)) {}
  friend Result<Certificate> parse_certificate(Bytes der);
  std::shared_ptr<const Held> held_;
};

Result<Certificate> parse_certificate(Bytes der);

/// Every CERTIFICATE block of a PEM text (RFC 7468), in order; other blocks and text between them are passed over.
/// One that does not parse refuses the whole; so does a text without any.
Result<std::vector<Certificate>> read_certificates(std::string_view pem);
std::string to_pem(const Certificate& certificate);

}  // namespace holdfast::trust::x509
