#include "trust/x509/issue.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "trust/x509/authority.h"
#include "trust/x509/der.h"
#include "trust/x509/fields.h"
#include "trust/x509/usage.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::string_view kSampleDevice = "hf-sample";
constexpr ByteArray<16> kSampleSerial{kSerialFirstMin};

std::unexpected<Error> refused_by(const Certificate& ca, std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kProfileRefused,
              cat("expected ", expected, " under '", ca.subject_text(), "', saw ", printable(seen, 80)));
}

Result<void> require_issuer(const Certificate& ca, const LeafProfile& fixed) {
  if (!ca.is_ca() || ca.subject_key_identifier().empty()) {
    return refused_by(ca, "a CA with a key identifier", "none");
  }
  if (ca.public_key().kind() != crypto::KeyKind::EcP256) return refused_by(ca, "a P-256 key", "another");
  if (ca.subject_organization() != fixed.catalog) return refused_by(ca, "its own catalog", fixed.catalog);
  const std::string name = cat(fixed.catalog, " ", name_of(authority_of(fixed.kind)), " CA ");
  if (!ca.subject_common_name().value_or("").starts_with(name)) {
    return refused_by(ca, cat("an issuing CA '", name, "…'"), "another");
  }
  const std::vector<std::string>& usages = ca.extended_key_usages();
  if (std::ranges::find(usages, usage_of(fixed.kind)) == usages.end()) {
    return refused_by(ca, cat("the extended key usage ", usage_of(fixed.kind)), join(usages, ", "));
  }
  return {};
}

/// A signature of the right shape, for a certificate that nobody gets to see.
Blob sample_signature() {
  const ByteArray<1> one{1};
  return der_sequence({der_integer(one), der_integer(one)});
}

}  // namespace

std::string_view usage_of(LeafKind kind) {
  switch (kind) {
    case LeafKind::Client:
    case LeafKind::Unattested: return kClientAuthOid;
    case LeafKind::Update: return kUpdateOid;
    case LeafKind::Quarantine: return kQuarantineOid;
  }
  return "";
}

Result<Issuer> Issuer::make(const Certificate& certificate, LeafKind kind, std::string catalog, UriForm form,
                            std::string trust_domain, std::string crl_url) {
  LeafProfile sample{.kind = kind,
                     .catalog = std::move(catalog),
                     .device = std::string(kSampleDevice),
                     .uri_form = form,
                     .trust_domain = std::move(trust_domain),
                     .spki = certificate.public_key().spki(),
                     .serial = kSampleSerial,
                     .not_before = certificate.not_after() - minutes(1),
                     .not_after = certificate.not_after(),
                     .crl_url = std::move(crl_url)};
  TRY(require_profile(sample));
  TRY(require_issuer(certificate, sample));
  Template parts{.issuer = to_blob(certificate.subject_der()),
                 .subject = organization(sample.catalog),
                 .extensions = concat({authority_key_identifier(certificate.subject_key_identifier()),
                                       key_usage(kDigitalSignature), basic_constraints_end_entity(),
                                       extended_key_usage({usage_of(kind)}), crl_distribution_point(sample.crl_url)})};
  Issuer issuer(certificate, std::move(sample), std::move(parts));
  const Blob to_be_signed = TRY(issuer.to_be_signed(issuer.fixed_));
  TRY(lint_leaf(issuer.assemble(to_be_signed, sample_signature()), issuer.fixed_, certificate));
  return issuer;
}

Result<void> Issuer::require_own(const LeafProfile& profile) const {
  if (profile.kind != fixed_.kind || profile.catalog != fixed_.catalog || profile.uri_form != fixed_.uri_form ||
      profile.trust_domain != fixed_.trust_domain || profile.crl_url != fixed_.crl_url) {
    return refused_by(certificate_, "the kind, catalog, name form and CRL that it was made for", "others");
  }
  if (profile.not_after > certificate_.not_after()) {
    return refused_by(certificate_, "a leaf that ends before its CA", to_rfc3339(profile.not_after));
  }
  return {};
}

Result<Blob> Issuer::to_be_signed(const LeafProfile& profile) const {
  TRY(require_profile(profile));
  TRY(require_own(profile));
  const Blob names =
      alternative_names(uri(device_uri(profile.uri_form, profile.trust_domain, profile.catalog, profile.device)));
  return to_be_signed_certificate(
      {.serial = profile.serial,
       .issuer = template_.issuer,
       .validity = validity(profile.not_before, profile.not_after),
       .subject = der_sequence({template_.subject, common_name(profile.device)}),
       .spki = profile.spki,
       .extensions = concat({subject_key_identifier(key_identifier(profile.spki)), names, template_.extensions})});
}

Blob Issuer::assemble(Bytes to_be_signed, Bytes signature_der) const {
  return der_signed_with_ecdsa_sha256(to_be_signed, signature_der);
}

}  // namespace holdfast::trust::x509
