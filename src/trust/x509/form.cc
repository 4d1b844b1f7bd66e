#include "trust/x509/form.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/names.h"
#include "trust/x509/usage.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::size_t kSerialBytesMax = 20;

std::unexpected<Error> broken(const Certificate& certificate, std::string_view rule) {
  return fail(Next::Rejected, kChainProfile,
              cat("expected ", rule, ", saw otherwise in '", certificate.subject_text(), "'"));
}

struct Criticality {
  std::string_view oid;
  bool critical;
  std::string_view rule;
};
constexpr Criticality kCriticality[] = {
    {kOidNameConstraints, true, "critical name constraints (RFC 5280 §4.2.1.10)"},
    {kOidPolicyConstraints, true, "critical policy constraints (RFC 5280 §4.2.1.11)"},
    {kOidInhibitAnyPolicy, true, "a critical inhibitAnyPolicy (RFC 5280 §4.2.1.14)"},
    {kOidAuthorityKeyIdentifier, false, "a non-critical authority key identifier (RFC 5280 §4.2.1.1)"},
    {kOidSubjectKeyIdentifier, false, "a non-critical subject key identifier (RFC 5280 §4.2.1.2)"},
    {kOidFreshestCrl, false, "a non-critical freshest CRL (RFC 5280 §4.2.1.15)"},
    {kOidAuthorityInformationAccess, false, "non-critical authority information access (RFC 5280 §4.2.2.1)"},
    {kOidSubjectInformationAccess, false, "non-critical subject information access (RFC 5280 §4.2.2.2)"},
    {kOidExtendedKeyUsage, false, "a non-critical extended key usage (BR §7.1.2.7.6)"},
};

Result<void> require_key_identifiers(const Certificate& certificate, bool anchor) {
  const X509* x509 = certificate.held().x509.get();
  const bool self_issued = certificate.is_self_issued();
  const bool has = certificate.held().extension(kOidAuthorityKeyIdentifier) != nullptr;
  if (!has && !self_issued) return broken(certificate, "an authority key identifier (RFC 5280 §4.2.1.1)");
  if (has && certificate.authority_key_identifier().empty()) {
    return broken(certificate, "a key identifier in the authority key identifier (BR §7.1.2.1.3)");
  }
  if (X509_get0_authority_issuer(const_cast<X509*>(x509)) != nullptr ||
      X509_get0_authority_serial(const_cast<X509*>(x509)) != nullptr) {
    return broken(certificate, "an authority key identifier by key alone (BR §7.1.2.1.3)");
  }
  if (anchor && self_issued && has &&
      !equal(certificate.authority_key_identifier(), certificate.subject_key_identifier())) {
    return broken(certificate, "a root's two key identifiers to agree (BR §7.1.2.1.3)");
  }
  if (certificate.is_ca() && certificate.subject_key_identifier().empty()) {
    return broken(certificate, "a subject key identifier in a CA (RFC 5280 §4.2.1.2)");
  }
  return {};
}

Result<void> require_names_form(const Certificate& leaf) {
  const AlternativeNames& names = leaf.held().names;
  if (!names.all || sk_GENERAL_NAME_num(names.all.get()) == 0) {
    return broken(leaf, "a subject alternative name (BR §7.1.2.7.12)");
  }
  const bool unnamed = X509_NAME_entry_count(X509_get_subject_name(leaf.held().x509.get())) == 0;
  if (leaf.held().extension(kOidSubjectAlternativeName)->critical != unnamed) {
    return broken(leaf, "subject alternative names critical just where the subject is empty (RFC 5280 §4.2.1.6)");
  }
  if (!std::ranges::all_of(names.dns, is_host_pattern)) return broken(leaf, "DNS names of letters, digits, hyphens");
  if (!std::ranges::all_of(names.emails, is_mailbox)) return broken(leaf, "mailboxes of the form local@host");
  if (!std::ranges::all_of(names.addresses, [](const Blob& address) { return !address_text(address).empty(); })) {
    return broken(leaf, "addresses of 4 or 16 bytes (RFC 5280 §4.2.1.6)");
  }
  const auto is_uri = [](const std::string& uri) {
    return uri.contains(':') && std::ranges::all_of(uri, [](char c) { return c > ' ' && c < 0x7F; });
  };
  if (!std::ranges::all_of(names.uris, is_uri)) return broken(leaf, "absolute URIs (RFC 5280 §4.2.1.6)");
  return {};
}

bool looks_like_address(std::string_view text) {
  return text.contains(':') || text.starts_with("0x") ||
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// The common name of a server is nobody's to match, yet one that claims a host or an address which the certificate
/// does not stand for was made by a CA that did not look (BR §7.1.4.3). The domain in which a named host lies passes.
Result<void> require_common_name_form(const Certificate& leaf) {
  const std::optional<std::string> name = leaf.subject_common_name();
  if (!name) return {};
  if (looks_like_address(*name)) {
    const bool named =
        std::ranges::any_of(leaf.addresses(), [&](const Blob& own) { return address_text(own) == *name; });
    return named ? Result<void>{} : broken(leaf, "a common name that is one of its addresses (BR §7.1.4.3)");
  }
  if (!name->contains('.') || name->contains(' ') || leaf.dns_names().empty()) return {};
  const bool named = std::ranges::any_of(
      leaf.dns_names(), [&](const std::string& own) { return own == *name || own.ends_with(cat('.', *name)); });
  return named ? Result<void>{} : broken(leaf, "a common name that is one of its DNS names (BR §7.1.4.3)");
}

}  // namespace

bool is_within_budget(const Certificate& certificate) {
  const Certificate::Held& held = certificate.held();
  const auto names = held.names.all ? sk_GENERAL_NAME_num(held.names.all.get()) : 0;
  const auto subject = X509_NAME_entry_count(X509_get_subject_name(held.x509.get()));
  int subtrees = 0;
  if (held.constraints) {
    subtrees = std::max(0, sk_GENERAL_SUBTREE_num(held.constraints->permittedSubtrees)) +
               std::max(0, sk_GENERAL_SUBTREE_num(held.constraints->excludedSubtrees));
  }
  return names + subject <= kNamesMax && subtrees <= kConstraintsMax;
}

bool has_bare_policy_constraints(const Certificate& certificate) {
  return certificate.held().extension(kOidPolicyConstraints) != nullptr &&
         certificate.held().extension(kOidCertificatePolicies) == nullptr;
}

Result<void> require_end_entity_form(const Certificate& leaf, Purpose purpose) {
  if (leaf.is_ca()) return broken(leaf, "an end entity (BR §7.1.2.7.8)");
  if (leaf.serial().empty() || leaf.serial().size() > kSerialBytesMax ||
      std::ranges::all_of(leaf.serial(), [](std::uint8_t byte) { return byte == 0; })) {
    return broken(leaf, "a positive serial of at most 20 bytes (RFC 5280 §4.1.2.2)");
  }
  const std::vector<std::string>& usages = leaf.extended_key_usages();
  const std::string_view wanted = purpose == Purpose::Server ? kServerAuthOid : kClientAuthOid;
  if (std::ranges::find(usages, wanted) == usages.end() || std::ranges::find(usages, kAnyUsageOid) != usages.end()) {
    return fail(
        Next::Rejected, kChainPurpose,
        cat("expected the extended key usage ", wanted, " and not any, saw [", printable(join(usages, ", ")), "]"));
  }
  if (leaf.held().constraints) return broken(leaf, "name constraints in CAs alone (RFC 5280 §4.2.1.10)");
  if (leaf.held().extension(kOidPolicyConstraints) != nullptr) {
    return broken(leaf, "policy constraints in CAs alone (RFC 5280 §4.2.1.11)");
  }
  TRY(require_names_form(leaf));
  if (purpose == Purpose::Server) TRY(require_common_name_form(leaf));
  return {};
}

Result<void> require_path_form(const Certificate& certificate, bool anchor) {
  for (const Criticality& rule : kCriticality) {
    const Extension* extension = certificate.held().extension(rule.oid);
    if (extension != nullptr && extension->critical != rule.critical) return broken(certificate, rule.rule);
  }
  TRY(require_key_identifiers(certificate, anchor));
  if (anchor && certificate.is_self_issued() && !certificate.extended_key_usages().empty()) {
    return broken(certificate, "a root without extended key usage (BR §7.1.2.1.2)");
  }
  const crypto::PublicKey& key = certificate.public_key();
  if (key.kind() == crypto::KeyKind::Rsa && key.bits() % 8 != 0) {
    return broken(certificate, "an RSA modulus of whole bytes (BR §6.1.5)");
  }
  return {};
}

}  // namespace holdfast::trust::x509
