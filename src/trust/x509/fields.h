// The fields that certificates, requests and revocation lists of ours are made of (RFC 5280 §4), written once each.
// Callers have checked every text; here nothing is refused.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace holdfast::trust::x509 {

/// First byte of keyUsage (RFC 5280 §4.2.1.3).
inline constexpr std::uint8_t kDigitalSignature = 0x80;
inline constexpr std::uint8_t kKeyCertSign = 0x04;
inline constexpr std::uint8_t kCrlSign = 0x02;

/// RelativeDistinguishedName, UTF8String.
Blob organization(std::string_view text);
Blob common_name(std::string_view text);
/// Name of at most these two parts; an empty text is a part left out.
Blob name(std::string_view organization_text, std::string_view common_name_text);
Blob validity(WallTime not_before, WallTime not_after);

Blob extension(std::string_view oid, bool critical, Bytes value);
Blob basic_constraints_end_entity();
Blob basic_constraints_ca(unsigned path_length);
Blob key_usage(std::uint8_t first_byte);
Blob extended_key_usage(std::initializer_list<std::string_view> oids);
Blob subject_key_identifier(Bytes key_identifier);
Blob authority_key_identifier(Bytes key_identifier);
Blob crl_distribution_point(std::string_view url);
Blob issuing_distribution_point(std::string_view url);
/// subjectAltName, not critical, from GeneralName elements.
Blob alternative_names(Bytes general_names);
/// Permits subjects under this `O=` alone.
Blob name_constraints(std::string_view organization_text);

Blob uri(std::string_view text);       ///< GeneralName
Blob dns_name(std::string_view host);  ///< GeneralName
Blob ip_address(Bytes address);        ///< GeneralName

/// SHA-256 of the key's bits, cut to 160 (RFC 7093 §2 method 1). `spki` is a P-256 key.
ByteArray<20> key_identifier(Bytes spki);

struct TbsParts {
  Bytes serial;
  Bytes issuer;
  Bytes validity;
  Bytes subject;
  Bytes spki;
  Bytes extensions;  ///< Extension elements, one after another
};
/// TBSCertificate, version 3, ecdsa-with-SHA256.
Blob to_be_signed_certificate(const TbsParts& parts);

/// Whether these are the bytes of a P-256 key's SubjectPublicKeyInfo, uncompressed. That its point lies on the curve
/// was seen when the request was parsed, and is not worth a third of a signature again.
bool is_p256_spki(Bytes spki);

}  // namespace holdfast::trust::x509
