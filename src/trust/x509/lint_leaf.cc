#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/fields.h"
#include "trust/x509/issue.h"
#include "trust/x509/usage.h"

namespace holdfast::trust::x509 {
namespace {

std::unexpected<Error> differs(std::string_view field) {
  return fail(Next::Rejected, kProfileRefused, cat("expected the profile's ", field, ", saw another"));
}

/// In this order, with these criticalities, and no others.
constexpr struct {
  std::string_view oid;
  bool critical;
} kExtensions[] = {
    {kOidSubjectKeyIdentifier, false},   {kOidSubjectAlternativeName, false},
    {kOidAuthorityKeyIdentifier, false}, {kOidKeyUsage, true},
    {kOidBasicConstraints, true},        {kOidExtendedKeyUsage, false},
    {kOidCrlDistributionPoints, false},
};

Result<void> require_same_names(const Certificate& leaf, const LeafProfile& profile) {
  const X509_NAME* subject = X509_get_subject_name(leaf.held().x509.get());
  const bool two_parts = X509_NAME_entry_count(subject) == 2 &&
                         X509_NAME_get_index_by_NID(subject, NID_organizationName, -1) == 0 &&
                         X509_NAME_get_index_by_NID(subject, NID_commonName, -1) == 1;
  if (!two_parts || leaf.subject_organization() != profile.catalog || leaf.subject_common_name() != profile.device) {
    return differs("subject");
  }
  const std::string uri = device_uri(profile.uri_form, profile.trust_domain, profile.catalog, profile.device);
  const AlternativeNames& names = leaf.held().names;
  const bool only_uri = names.all && sk_GENERAL_NAME_num(names.all.get()) == 1 && names.uris.size() == 1;
  if (!only_uri || names.uris.front() != uri) return differs("URI");
  return {};
}

Result<void> require_same_extensions(const Certificate& leaf, const LeafProfile& profile, const Certificate& issuer) {
  const auto same = [](const Extension& seen, const auto& expected) {
    return seen.oid == expected.oid && seen.critical == expected.critical;
  };
  if (!std::ranges::equal(leaf.held().extensions, kExtensions, same)) return differs("extensions");
  if (!equal(leaf.subject_key_identifier(), key_identifier(profile.spki))) return differs("subject key identifier");
  X509* x509 = leaf.held().x509.get();
  if (!equal(leaf.authority_key_identifier(), issuer.subject_key_identifier()) ||
      X509_get0_authority_issuer(x509) != nullptr || X509_get0_authority_serial(x509) != nullptr) {
    return differs("authority key identifier");
  }
  if (X509_get_key_usage(x509) != KU_DIGITAL_SIGNATURE) return differs("key usage");
  if (leaf.is_ca() || X509_get_pathlen(x509) != -1) return differs("basic constraints");
  if (leaf.extended_key_usages() != std::vector{std::string(usage_of(profile.kind))}) {
    return differs("extended key usage");
  }
  if (leaf.crl_url() != profile.crl_url) return differs("CRL distribution point");
  return {};
}

}  // namespace

Result<void> lint_leaf(Bytes der, const LeafProfile& profile, const Certificate& issuer) {
  TRY(require_profile(profile));
  const Certificate leaf = TRY(parse_certificate(der));
  const X509* x509 = leaf.held().x509.get();
  if (X509_get_signature_nid(x509) != NID_ecdsa_with_SHA256) return differs("signature algorithm");
  if (!equal(leaf.serial(), profile.serial)) return differs("serial");
  if (!equal(leaf.issuer_der(), issuer.subject_der())) return differs("issuer");
  if (leaf.not_before().whole_seconds() != profile.not_before.whole_seconds() ||
      leaf.not_after().whole_seconds() != profile.not_after.whole_seconds()) {
    return differs("validity");
  }
  if (leaf.public_key().spki() != profile.spki) return differs("key");
  TRY(require_same_names(leaf, profile));
  return require_same_extensions(leaf, profile, issuer);
}

}  // namespace holdfast::trust::x509
