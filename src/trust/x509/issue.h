// Issues device certificates from a DER template: the parts that never change for one CA, kind and catalog are written
// once; a certificate is those with the device's parts spliced in, and costs little beside its signature.
// The template is linted when it is made (`lint_leaf` over a sample that OpenSSL decodes; over each certificate it
// would cost ten signatures), and every profile is checked before it is spliced, so that what leaves `to_be_signed` has
// the profile's form by construction.
#pragma once

#include "trust/x509/certificate.h"
#include "trust/x509/profile.h"

namespace holdfast::trust::x509 {

class Issuer {
 public:
  /// `certificate` is the issuing CA's, `kind` what it gives out. A client CA gives no update certificate and the other
  /// way round; no leaf outlives it.
  static Result<Issuer> make(const Certificate& certificate, LeafKind kind, std::string catalog, UriForm form,
                             std::string trust_domain, std::string crl_url);

  /// TBSCertificate for ECDSA with SHA-256. Refuses a profile of another kind, catalog, name form or CRL than its own.
  Result<Blob> to_be_signed(const LeafProfile& profile) const;
  Blob assemble(Bytes to_be_signed, Bytes signature_der) const;

  const Certificate& certificate() const { return certificate_; }

 private:
  struct Template {
    Blob issuer;      ///< Name
    Blob subject;     ///< its `O=`
    Blob extensions;  ///< all but the key identifier and the device's URI
  };
  Issuer(Certificate certificate, LeafProfile fixed, Template parts)
      : certificate_(std::move(certificate)), fixed_(std::move(fixed)), template_(std::move(parts)) {}
  Result<void> require_own(const LeafProfile& profile) const;

  Certificate certificate_;
  LeafProfile fixed_;  ///< kind, catalog, names and CRL, which every profile must repeat; the rest is a sample
  Template template_;
};

/// Whether `der` is, field for field and with nothing more, the certificate that `profile` describes under `issuer`.
/// Decodes it: for tests, for the making of templates, and for whoever wants to look again before releasing.
Result<void> lint_leaf(Bytes der, const LeafProfile& profile, const Certificate& issuer);

}  // namespace holdfast::trust::x509
