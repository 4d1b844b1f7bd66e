#include "trust/x509/authority.h"

#include "base/text.h"
#include "trust/x509/der.h"
#include "trust/x509/fields.h"
#include "trust/x509/names.h"
#include "trust/x509/usage.h"

namespace holdfast::trust::x509 {
namespace {

constexpr int kCaNumberMax = 99'999;             // its name stays within ub-common-name
constexpr std::size_t kCommonNameBytesMax = 64;  // ub-common-name, RFC 5280 appendix A.1

std::unexpected<Error> refused_profile(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kProfileRefused, cat("expected ", expected, ", saw '", printable(seen, 80), "'"));
}

Blob usage_of_authority(Authority authority) {
  switch (authority) {
    case Authority::Client: return extended_key_usage({usage_of(LeafKind::Client)});
    case Authority::Update: return extended_key_usage({usage_of(LeafKind::Update), usage_of(LeafKind::Quarantine)});
    case Authority::Unattested: return extended_key_usage({usage_of(LeafKind::Unattested)});
  }
  return {};
}

Blob root_name(Authority authority, std::string_view catalog) {
  return name(catalog, cat(catalog, ' ', name_of(authority), " root"));
}

/// All that the three kinds of CA have in common.
Result<void> require_common(const auto& profile, Duration life_max) {
  TRY(require_spki(profile.spki));
  TRY(require_serial(profile.serial));
  return require_life(profile.not_before, profile.not_after, life_max);
}

Result<Blob> server_names(const ServerProfile& profile) {
  Blob names;
  const auto add = [&](const Blob& general_name) {
    names.insert(names.end(), general_name.begin(), general_name.end());
  };
  for (const std::string& host : profile.dns_names) {
    if (!is_host(host)) return refused_profile("a DNS name without wildcards", host);
    add(dns_name(host));
  }
  for (const std::string& text : profile.addresses) {
    const std::optional<Blob> address = address_from(text);
    if (!address) return refused_profile("an IPv4 or IPv6 address", text);
    add(ip_address(*address));
  }
  const std::size_t count = profile.dns_names.size() + profile.addresses.size();
  if (count == 0 || count > kServerNamesMax)
    return refused_profile(cat("1 to ", kServerNamesMax, " names"), cat(count));
  return names;
}

}  // namespace

std::string_view name_of(Authority authority) {
  switch (authority) {
    case Authority::Client: return "client";
    case Authority::Update: return "update";
    case Authority::Unattested: return "unattested";
  }
  return "";
}

Authority authority_of(LeafKind kind) {
  switch (kind) {
    case LeafKind::Client: return Authority::Client;
    case LeafKind::Unattested: return Authority::Unattested;
    case LeafKind::Update:
    case LeafKind::Quarantine: break;
  }
  return Authority::Update;
}

std::string issuing_ca_name(Authority authority, std::string_view catalog, int number) {
  return cat(catalog, ' ', name_of(authority), " CA ", number);
}

Result<Blob> root_to_be_signed(const RootProfile& profile) {
  TRY(require_catalog(profile.catalog));
  TRY(require_common(profile, kRootLifeMax));
  const Blob own_name = root_name(profile.authority, profile.catalog);
  return to_be_signed_certificate(
      {.serial = profile.serial,
       .issuer = own_name,
       .validity = validity(profile.not_before, profile.not_after),
       .subject = own_name,
       .spki = profile.spki,
       .extensions = concat({subject_key_identifier(key_identifier(profile.spki)), key_usage(kKeyCertSign | kCrlSign),
                             basic_constraints_ca(1), name_constraints(profile.catalog)})});
}

Result<Blob> issuing_ca_to_be_signed(const IssuingCaProfile& profile) {
  TRY(require_catalog(profile.catalog));
  TRY(require_common(profile, kIssuingCaLifeMax));
  if (profile.number < 1 || profile.number > kCaNumberMax) {
    return refused_profile(cat("a number of 1 to ", kCaNumberMax), cat(profile.number));
  }
  if (!equal(profile.root.subject_der(), root_name(profile.authority, profile.catalog)) || !profile.root.is_ca() ||
      profile.not_after > profile.root.not_after()) {
    return refused_profile("the root of this authority, in force until after it", profile.root.subject_text());
  }
  const std::string own_name = issuing_ca_name(profile.authority, profile.catalog, profile.number);
  return to_be_signed_certificate(
      {.serial = profile.serial,
       .issuer = profile.root.subject_der(),
       .validity = validity(profile.not_before, profile.not_after),
       .subject = name(profile.catalog, own_name),
       .spki = profile.spki,
       .extensions = concat({subject_key_identifier(key_identifier(profile.spki)),
                             authority_key_identifier(profile.root.subject_key_identifier()),
                             key_usage(kKeyCertSign | kCrlSign), basic_constraints_ca(0),
                             usage_of_authority(profile.authority), name_constraints(profile.catalog)})});
}

Result<Blob> service_ca_to_be_signed(const ServiceCaProfile& profile) {
  TRY(require_catalog(profile.name));
  TRY(require_common(profile, kRootLifeMax));
  const Blob own_name = name(profile.name, cat(profile.name, " service CA"));
  return to_be_signed_certificate(
      {.serial = profile.serial,
       .issuer = own_name,
       .validity = validity(profile.not_before, profile.not_after),
       .subject = own_name,
       .spki = profile.spki,
       .extensions = concat({subject_key_identifier(key_identifier(profile.spki)), key_usage(kKeyCertSign | kCrlSign),
                             basic_constraints_ca(0)})});
}

Result<Blob> server_to_be_signed(const ServerProfile& profile) {
  TRY(require_common(profile, kServerLifeMax));
  const Blob names = TRY(server_names(profile));
  if (!profile.issuer.is_ca() || profile.not_after > profile.issuer.not_after()) {
    return refused_profile("a service CA in force until after its server", profile.issuer.subject_text());
  }
  const std::string& first = profile.dns_names.empty() ? profile.addresses.front() : profile.dns_names.front();
  if (first.size() > kCommonNameBytesMax) return refused_profile("a first name of at most 64 characters", first);
  return to_be_signed_certificate(
      {.serial = profile.serial,
       .issuer = profile.issuer.subject_der(),
       .validity = validity(profile.not_before, profile.not_after),
       .subject = name(profile.issuer.subject_organization().value_or(""), first),
       .spki = profile.spki,
       .extensions =
           concat({subject_key_identifier(key_identifier(profile.spki)), alternative_names(names),
                   authority_key_identifier(profile.issuer.subject_key_identifier()), key_usage(kDigitalSignature),
                   basic_constraints_end_entity(), extended_key_usage({kServerAuthOid})})});
}

Blob assemble_certificate(Bytes to_be_signed, Bytes signature_der) {
  return der_signed_with_ecdsa_sha256(to_be_signed, signature_der);
}

}  // namespace holdfast::trust::x509
