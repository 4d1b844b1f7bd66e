// DER as we write it (X.690): tag, shortest length, contents. Writing alone; reading is OpenSSL's. What is written here
// is read back by OpenSSL in the tests and by `lint_leaf`, so that the two must agree.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/time.h"

namespace holdfast::trust::x509 {

using DerTag = std::uint8_t;
inline constexpr DerTag kDerBoolean = 0x01;
inline constexpr DerTag kDerInteger = 0x02;
inline constexpr DerTag kDerBitString = 0x03;
inline constexpr DerTag kDerOctetString = 0x04;
inline constexpr DerTag kDerObjectIdentifier = 0x06;
inline constexpr DerTag kDerEnumerated = 0x0A;
inline constexpr DerTag kDerUtf8String = 0x0C;
inline constexpr DerTag kDerUtcTime = 0x17;
inline constexpr DerTag kDerGeneralizedTime = 0x18;
inline constexpr DerTag kDerSequence = 0x30;
inline constexpr DerTag kDerSet = 0x31;

/// `[number]`, primitive or constructed; number below 31.
DerTag der_context(unsigned number);
DerTag der_context_constructed(unsigned number);

Blob der_element(DerTag tag, std::initializer_list<Bytes> contents);
inline Blob der_sequence(std::initializer_list<Bytes> contents) { return der_element(kDerSequence, contents); }
inline Blob der_set(Bytes only) { return der_element(kDerSet, {only}); }

/// A non-negative whole number, big-endian; leading zeros are dropped.
Blob der_integer(Bytes magnitude);
Blob der_integer(std::uint64_t value);
Blob der_truth();  ///< BOOLEAN TRUE; FALSE is a default everywhere and never written
Blob der_octets(Bytes contents);
Blob der_bits(Bytes contents);
/// A named bit list: `first_byte` with its trailing zero bits cut off (X.690 §11.2.2).
Blob der_named_bits(std::uint8_t first_byte);
Blob der_text(std::string_view utf8);
/// From dotted decimal, which must be well-formed: every identifier here is a constant of ours.
Blob der_object_identifier(std::string_view dotted);
/// UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).
Blob der_time(WallTime at);

/// SEQUENCE {tbs, ecdsa-with-SHA256, BIT STRING signature}: a certificate, a request, a revocation list.
Blob der_signed_with_ecdsa_sha256(Bytes to_be_signed, Bytes signature_der);
/// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758 §3.2).
Blob der_ecdsa_sha256();

}  // namespace holdfast::trust::x509
