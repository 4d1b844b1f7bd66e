#include "trust/x509/fields.h"

#include <algorithm>

#include "trust/crypto/hash.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/der.h"

namespace holdfast::trust::x509 {
namespace {

/// GeneralName (RFC 5280 §4.2.1.6).
constexpr unsigned kDnsName = 2;
constexpr unsigned kDirectoryName = 4;
constexpr unsigned kUri = 6;
constexpr unsigned kIpAddress = 7;

/// SubjectPublicKeyInfo of an uncompressed P-256 point up to its coordinates (RFC 5480).
constexpr ByteArray<27> kP256Prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t kPointBytes = 65;  // 0x04 and two coordinates

constexpr ByteArray<3> kOrganizationOid{0x55, 0x04, 0x0A};
constexpr ByteArray<3> kCommonNameOid{0x55, 0x04, 0x03};

Blob name_part(Bytes oid, std::string_view text) {
  return der_set(der_sequence({der_element(kDerObjectIdentifier, {oid}), der_text(text)}));
}

/// DistributionPointName: fullName with one URI.
Blob full_name(std::string_view url) {
  return der_element(der_context_constructed(0), {der_element(der_context_constructed(0), {uri(url)})});
}

}  // namespace

Blob organization(std::string_view text) { return name_part(kOrganizationOid, text); }
Blob common_name(std::string_view text) { return name_part(kCommonNameOid, text); }

Blob name(std::string_view organization_text, std::string_view common_name_text) {
  return der_sequence({organization_text.empty() ? Blob{} : organization(organization_text),
                       common_name_text.empty() ? Blob{} : common_name(common_name_text)});
}

Blob validity(WallTime not_before, WallTime not_after) {
  return der_sequence({der_time(not_before), der_time(not_after)});
}

Blob extension(std::string_view oid, bool critical, Bytes value) {
  return der_sequence({der_object_identifier(oid), critical ? der_truth() : Blob{}, der_octets(value)});
}

Blob basic_constraints_end_entity() { return extension(kOidBasicConstraints, true, der_sequence({})); }

Blob basic_constraints_ca(unsigned path_length) {
  return extension(kOidBasicConstraints, true, der_sequence({der_truth(), der_integer(std::uint64_t{path_length})}));
}

Blob key_usage(std::uint8_t first_byte) { return extension(kOidKeyUsage, true, der_named_bits(first_byte)); }

Blob extended_key_usage(std::initializer_list<std::string_view> oids) {
  Blob usages;
  for (const std::string_view oid : oids) {
    const Blob usage = der_object_identifier(oid);
    usages.insert(usages.end(), usage.begin(), usage.end());
  }
  return extension(kOidExtendedKeyUsage, false, der_sequence({usages}));
}

Blob subject_key_identifier(Bytes key_identifier) {
  return extension(kOidSubjectKeyIdentifier, false, der_octets(key_identifier));
}

Blob authority_key_identifier(Bytes key_identifier) {
  return extension(kOidAuthorityKeyIdentifier, false, der_sequence({der_element(der_context(0), {key_identifier})}));
}

Blob crl_distribution_point(std::string_view url) {
  return extension(kOidCrlDistributionPoints, false, der_sequence({der_sequence({full_name(url)})}));
}

Blob issuing_distribution_point(std::string_view url) {
  return extension(kOidIssuingDistributionPoint, true, der_sequence({full_name(url)}));
}

Blob alternative_names(Bytes general_names) {
  return extension(kOidSubjectAlternativeName, false, der_sequence({general_names}));
}

Blob name_constraints(std::string_view organization_text) {
  const Blob base = der_element(der_context_constructed(kDirectoryName), {name(organization_text, "")});
  const Blob permitted = der_element(der_context_constructed(0), {der_sequence({base})});
  return extension(kOidNameConstraints, true, der_sequence({permitted}));
}

Blob uri(std::string_view text) { return der_element(der_context(kUri), {as_bytes(text)}); }
Blob dns_name(std::string_view host) { return der_element(der_context(kDnsName), {as_bytes(host)}); }
Blob ip_address(Bytes address) { return der_element(der_context(kIpAddress), {address}); }

ByteArray<20> key_identifier(Bytes spki) {
  const Digest256 digest = crypto::sha256(spki.last(kPointBytes));
  ByteArray<20> out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

Blob to_be_signed_certificate(const TbsParts& parts) {
  static constexpr ByteArray<5> kVersion3{0xA0, 0x03, 0x02, 0x01, 0x02};
  const Blob extensions = der_element(der_context_constructed(3), {der_sequence({parts.extensions})});
  return der_sequence({kVersion3, der_integer(parts.serial), der_ecdsa_sha256(), parts.issuer, parts.validity,
                       parts.subject, parts.spki, extensions});
}

bool is_p256_spki(Bytes spki) {
  return spki.size() == kP256Prefix.size() + 64 && equal(spki.first(kP256Prefix.size()), kP256Prefix);
}

}  // namespace holdfast::trust::x509
