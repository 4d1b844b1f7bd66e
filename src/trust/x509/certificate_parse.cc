#include <algorithm>

#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/x509/certificate_held.h"

namespace holdfast::trust::x509 {
namespace {

constexpr long kVersion3 = 2;

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return refused(Next::Rejected, kCertificateMalformed, cat("expected ", expected, ", saw ", seen));
}

/// An extension that OpenSSL knows must be what its type says, to the last byte. One that it does not know is passed
/// on; if it is critical, no path goes through it.
Result<void> require_form(X509_EXTENSION* extension, std::string_view oid) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  if (method == nullptr || method->it == nullptr) return {};
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
  const std::uint8_t* at = ASN1_STRING_get0_data(value);
  const std::uint8_t* const end = at + ASN1_STRING_length(value);
  ASN1_VALUE* decoded = ASN1_item_d2i(nullptr, &at, ASN1_STRING_length(value), ASN1_ITEM_ptr(method->it));
  ASN1_item_free(decoded, ASN1_ITEM_ptr(method->it));
  if (decoded == nullptr || at != end) return malformed(cat("extension ", oid, " in its own form"), "other bytes");
  return {};
}

Result<std::vector<Extension>> read_extensions(const X509* x509) {
  std::vector<Extension> out;
  for (int i = 0; i < X509_get_ext_count(x509); ++i) {
    X509_EXTENSION* extension = X509_get_ext(x509, i);
    std::string oid = oid_of(X509_EXTENSION_get_object(extension));
    if (std::ranges::find(out, oid, &Extension::oid) != out.end()) {
      return malformed(cat("extension ", oid, " once (RFC 5280 §4.2)"), "it again");
    }
    TRY(require_form(extension, oid));
    out.push_back({std::move(oid), X509_EXTENSION_get_critical(extension) == 1});
  }
  return out;
}

AlternativeNames read_names(const X509* x509) {
  AlternativeNames out;
  out.all.reset(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; out.all && i < sk_GENERAL_NAME_num(out.all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(out.all.get(), i);
    switch (name->type) {
      case GEN_DNS: out.dns.push_back(text_of(name->d.dNSName)); break;
      case GEN_EMAIL: out.emails.push_back(text_of(name->d.rfc822Name)); break;
      case GEN_URI: out.uris.push_back(text_of(name->d.uniformResourceIdentifier)); break;
      case GEN_IPADD: out.addresses.push_back(bytes_of(name->d.iPAddress)); break;
      default: break;
    }
  }
  return out;
}

std::vector<std::string> read_extended_key_usages(const X509* x509) {
  using Held = std::unique_ptr<EXTENDED_KEY_USAGE, Freer<EXTENDED_KEY_USAGE_free>>;
  const Held held(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509, NID_ext_key_usage, nullptr, nullptr)));
  std::vector<std::string> out;
  for (int i = 0; held && i < sk_ASN1_OBJECT_num(held.get()); ++i) {
    out.push_back(oid_of(sk_ASN1_OBJECT_value(held.get(), i)));
  }
  return out;
}

std::optional<std::string> read_crl_url(const X509* x509) {
  const DistributionPointsHeld points(
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(x509, NID_crl_distribution_points, nullptr, nullptr)));
  if (!points || sk_DIST_POINT_num(points.get()) != 1) return std::nullopt;
  const DIST_POINT* only = sk_DIST_POINT_value(points.get(), 0);
  if (only->reasons != nullptr || only->CRLissuer != nullptr) return std::nullopt;
  return full_name_url(only->distpoint);
}

Blob name_der(const X509_NAME* name) {
  const std::uint8_t* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return Blob(der, der + size);
}

/// Big-endian without a leading zero; empty for one that is negative, which is no serial (RFC 5280 §4.1.2.2).
Blob read_serial(const X509* x509) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER) return {};
  return bytes_of(serial);
}

Result<X509Held> decode(Bytes der) {
  if (der.size() > kCertificateBytesMax) {
    return fail(Next::Rejected, kCertificateOversize,
                cat("expected a certificate of at most ", kCertificateBytesMax, " bytes, saw ", der.size()));
  }
  const std::uint8_t* at = der.data();
  X509Held x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!x509 || at != der.data() + der.size()) {
    return malformed("one certificate", cat(der.size(), " bytes that are none"));
  }
  std::uint8_t* again = nullptr;
  const int size = i2d_X509(x509.get(), &again);
  const bool same = size > 0 && equal(der, {again, static_cast<std::size_t>(size)});
  OPENSSL_free(again);
  if (!same) return malformed("a certificate in DER", "another encoding of it");
  return x509;
}

Result<void> require_version_and_algorithms(X509* x509) {
  if (X509_get_version(x509) != kVersion3) {
    return malformed("version 3", cat("version ", X509_get_version(x509) + 1));
  }
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, x509);
  if (X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(x509)) != 0) {
    return malformed("one signature algorithm (RFC 5280 §4.1.1.2)", "two");
  }
  // Decoding fills OpenSSL's cache of the extensions, after which the object is only read.
  X509_check_purpose(x509, -1, 0);
  if ((X509_get_extension_flags(x509) & EXFLAG_INVALID) != 0) return malformed("sound extensions", "contradictions");
  return {};
}

Result<crypto::PublicKey> read_key(const X509* x509) {
  std::uint8_t* spki = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
  if (size <= 0) return malformed("a public key", "none");
  const Blob der(spki, spki + size);
  OPENSSL_free(spki);
  return crypto::PublicKey::from_spki(der);
}

}  // namespace

Result<Certificate> parse_certificate(Bytes der) {
  X509Held x509 = TRY(decode(der));
  TRY(require_version_and_algorithms(x509.get()));
  std::vector<Extension> extensions = TRY(read_extensions(x509.get()));
  crypto::PublicKey key = TRY(read_key(x509.get()));
  const X509* from = x509.get();
  const WallTime not_before = TRY(wall_time_of(X509_get0_notBefore(from), kCertificateMalformed));
  const WallTime not_after = TRY(wall_time_of(X509_get0_notAfter(from), kCertificateMalformed));
  const ASN1_OCTET_STRING* subject_key = X509_get0_subject_key_id(x509.get());
  const ASN1_OCTET_STRING* authority_key = X509_get0_authority_key_id(x509.get());
  ConstraintsHeld constraints(
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(from, NID_name_constraints, nullptr, nullptr)));
  return Certificate(std::make_shared<const Certificate::Held>(Certificate::Held{
      .der = to_blob(der),
      .sha256 = crypto::sha256(der),
      .key = std::move(key),
      .serial = read_serial(from),
      .not_before = not_before,
      .not_after = not_after,
      .subject_der = name_der(X509_get_subject_name(from)),
      .issuer_der = name_der(X509_get_issuer_name(from)),
      .ca = (X509_get_extension_flags(x509.get()) & EXFLAG_CA) != 0,
      .extensions = std::move(extensions),
      .names = read_names(from),
      .constraints = std::move(constraints),
      .extended_key_usages = read_extended_key_usages(from),
      .crl_url = read_crl_url(from),
      .subject_key_identifier = subject_key != nullptr ? bytes_of(subject_key) : Blob{},
      .authority_key_identifier = authority_key != nullptr ? bytes_of(authority_key) : Blob{},
      .x509 = std::move(x509),
  }));
}

}  // namespace holdfast::trust::x509
