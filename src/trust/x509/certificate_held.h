// What a certificate is made of, for the .cc files of this directory alone: OpenSSL's object, which paths are built
// from, and every field that our own checks read, taken out of it once.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "trust/x509/certificate.h"

namespace holdfast::trust::x509 {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using X509Held = std::unique_ptr<X509, Freer<X509_free>>;
using NamesHeld = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using ConstraintsHeld = std::unique_ptr<NAME_CONSTRAINTS, Freer<NAME_CONSTRAINTS_free>>;
using DistributionPointsHeld = std::unique_ptr<CRL_DIST_POINTS, Freer<CRL_DIST_POINTS_free>>;

struct Extension {
  std::string oid;
  bool critical;
};

/// subjectAltName, by kind.
struct AlternativeNames {
  std::vector<std::string> dns;
  std::vector<std::string> emails;
  std::vector<std::string> uris;
  std::vector<Blob> addresses;
  NamesHeld all;  ///< null where there is no such extension
};

struct Certificate::Held {
  Blob der;
  Digest256 sha256;
  crypto::PublicKey key;
  Blob serial;
  WallTime not_before;
  WallTime not_after;
  Blob subject_der;
  Blob issuer_der;
  bool ca;
  std::vector<Extension> extensions;
  AlternativeNames names;
  ConstraintsHeld constraints;  ///< null where there is no such extension
  std::vector<std::string> extended_key_usages;
  std::optional<std::string> crl_url;
  Blob subject_key_identifier;
  Blob authority_key_identifier;
  X509Held x509;

  const Extension* extension(std::string_view oid) const;
};

/// Object identifiers of extensions (RFC 5280 §4.2) that rules here are about.
inline constexpr std::string_view kOidSubjectKeyIdentifier = "2.5.29.14";
inline constexpr std::string_view kOidKeyUsage = "2.5.29.15";
inline constexpr std::string_view kOidSubjectAlternativeName = "2.5.29.17";
inline constexpr std::string_view kOidBasicConstraints = "2.5.29.19";
inline constexpr std::string_view kOidCrlNumber = "2.5.29.20";
inline constexpr std::string_view kOidCrlReason = "2.5.29.21";
inline constexpr std::string_view kOidIssuingDistributionPoint = "2.5.29.28";
inline constexpr std::string_view kOidNameConstraints = "2.5.29.30";
inline constexpr std::string_view kOidCrlDistributionPoints = "2.5.29.31";
inline constexpr std::string_view kOidCertificatePolicies = "2.5.29.32";
inline constexpr std::string_view kOidAuthorityKeyIdentifier = "2.5.29.35";
inline constexpr std::string_view kOidPolicyConstraints = "2.5.29.36";
inline constexpr std::string_view kOidExtendedKeyUsage = "2.5.29.37";
inline constexpr std::string_view kOidFreshestCrl = "2.5.29.46";
inline constexpr std::string_view kOidInhibitAnyPolicy = "2.5.29.54";
inline constexpr std::string_view kOidAuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";
inline constexpr std::string_view kOidSubjectInformationAccess = "1.3.6.1.5.5.7.1.11";

Blob bytes_of(const ASN1_STRING* text);
std::string text_of(const ASN1_STRING* text);
std::string oid_of(const ASN1_OBJECT* object);
Result<WallTime> wall_time_of(const ASN1_TIME* time, Reason reason);
/// The one value of an attribute of a name; nothing where there is none or more than one.
std::optional<std::string> only_value(const X509_NAME* name, int nid);
/// The URI of a distribution point's fullName, where that is all it says.
std::optional<std::string> full_name_url(const DIST_POINT_NAME* name);

/// Whatever libcrypto queued while it failed says nothing to our callers.
std::unexpected<Error> refused(Next next, Reason reason, std::string message);

}  // namespace holdfast::trust::x509
