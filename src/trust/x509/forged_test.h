// Certificates of any shape for tests: a world with a service CA, its server and a catalog's authorities, made by our
// own profiles, and `certify` for those that no profile allows. Only tests include this.
#pragma once

#include <doctest/doctest.h>

#include "trust/x509/authority.h"
#include "trust/x509/chain.h"
#include "trust/x509/der.h"
#include "trust/x509/fields.h"
#include "trust/x509/issue.h"
#include "trust/x509/usage.h"

namespace holdfast::trust::x509 {

using crypto::HashAlgorithm;
using crypto::PrivateKey;

inline constexpr WallTime kNow = WallTime::from_seconds(1'790'000'000);
inline constexpr std::string_view kCatalog = "orchard";
inline constexpr std::string_view kDevice = "hf-0123-4567-89ab-cdef";
inline constexpr std::string_view kCrlUrl = "https://holdfast.example/v1/crl/orchard/client.crl";

inline PrivateKey key_from(std::uint8_t seed) {
  return *PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, Blob(48, seed));
}

inline ByteArray<16> serial_of(std::uint8_t last) {
  ByteArray<16> out{0x42};
  out.back() = last;
  return out;
}

inline Blob signed_by(const PrivateKey& key, Bytes to_be_signed) {
  return assemble_certificate(to_be_signed, *key.sign(HashAlgorithm::Sha256, to_be_signed));
}

inline Certificate certified(const PrivateKey& key, const Result<Blob>& to_be_signed) {
  REQUIRE(to_be_signed);
  auto certificate = parse_certificate(signed_by(key, *to_be_signed));
  REQUIRE(certificate);
  return *certificate;
}

/// A certificate of any content.
struct Shape {
  Blob issuer;
  Blob subject;
  Blob spki;
  Blob extensions;
  Blob serial = to_blob(serial_of(9));
  WallTime not_before = kNow - hours(1);
  WallTime not_after = kNow + hours(24);
};

inline Blob to_be_signed(const Shape& shape) {
  return to_be_signed_certificate({.serial = shape.serial,
                                   .issuer = shape.issuer,
                                   .validity = validity(shape.not_before, shape.not_after),
                                   .subject = shape.subject,
                                   .spki = shape.spki,
                                   .extensions = shape.extensions});
}

inline Certificate certify(const PrivateKey& key, const Shape& shape) { return certified(key, to_be_signed(shape)); }

inline Blob ca_extensions(const PrivateKey& own, Bytes issuer_key_identifier, unsigned path_length) {
  return concat({subject_key_identifier(key_identifier(own.public_key().spki())),
                 authority_key_identifier(issuer_key_identifier), key_usage(kKeyCertSign | kCrlSign),
                 basic_constraints_ca(path_length)});
}

inline Blob server_extensions(const PrivateKey& own, const Certificate& issuer, const Blob& names) {
  return concat({subject_key_identifier(key_identifier(own.public_key().spki())),
                 authority_key_identifier(issuer.subject_key_identifier()), key_usage(kDigitalSignature),
                 extended_key_usage({kServerAuthOid}), alternative_names(names)});
}

/// `holdfast.example` under a service CA.
struct Service {
  PrivateKey ca_key = key_from(1);
  PrivateKey server_key = key_from(2);
  Certificate ca = certified(ca_key, service_ca_to_be_signed({.name = "orchard",
                                                              .spki = ca_key.public_key().spki(),
                                                              .serial = serial_of(1),
                                                              .not_before = kNow - days(1),
                                                              .not_after = kNow + days(3650)}));
  Certificate server = certified(ca_key, server_to_be_signed({.issuer = ca,
                                                              .dns_names = {"holdfast.example", "localhost"},
                                                              .addresses = {"127.0.0.1", "::1"},
                                                              .spki = server_key.public_key().spki(),
                                                              .serial = serial_of(2),
                                                              .not_before = kNow - hours(1),
                                                              .not_after = kNow + days(90)}));
  ChainRequest request() const { return {.trusted = {ca}, .untrusted = {}, .crls = {}, .time = kNow}; }
};

/// A catalog's root and issuing CA of one kind.
struct Catalog {
  explicit Catalog(Authority kind, std::string_view name = kCatalog)
      : authority(kind),
        root(certified(root_key, root_to_be_signed({.authority = kind,
                                                    .catalog = std::string(name),
                                                    .spki = root_key.public_key().spki(),
                                                    .serial = serial_of(3),
                                                    .not_before = kNow - days(1),
                                                    .not_after = kNow + kRootLife}))),
        ca(certified(root_key, issuing_ca_to_be_signed(ca_profile(name)))) {}

  IssuingCaProfile ca_profile(std::string_view name) const {
    return {.authority = authority,
            .catalog = std::string(name),
            .number = 1,
            .root = root,
            .spki = ca_key.public_key().spki(),
            .serial = serial_of(4),
            .not_before = kNow - days(1),
            .not_after = kNow + kIssuingCaLife};
  }

  Authority authority;
  PrivateKey root_key = key_from(3);
  PrivateKey ca_key = key_from(4);
  PrivateKey device_key = key_from(5);
  Certificate root;
  Certificate ca;
};

inline LeafProfile leaf_profile(const Catalog& catalog, LeafKind kind) {
  return {.kind = kind,
          .catalog = std::string(kCatalog),
          .device = std::string(kDevice),
          .uri_form = UriForm::Urn,
          .trust_domain = {},
          .spki = catalog.device_key.public_key().spki(),
          .serial = serial_of(5),
          .not_before = kNow - hours(1),
          .not_after = kNow + hours(24),
          .crl_url = std::string(kCrlUrl)};
}

inline Issuer issuer_for(const Catalog& catalog, const LeafProfile& profile) {
  auto issuer =
      Issuer::make(catalog.ca, profile.kind, profile.catalog, profile.uri_form, profile.trust_domain, profile.crl_url);
  REQUIRE(issuer);
  return *issuer;
}

inline Blob issue(const Catalog& catalog, const LeafProfile& profile) {
  const Issuer issuer = issuer_for(catalog, profile);
  const auto to_be_signed = issuer.to_be_signed(profile);
  REQUIRE(to_be_signed);
  return issuer.assemble(*to_be_signed, *catalog.ca_key.sign(HashAlgorithm::Sha256, *to_be_signed));
}

}  // namespace holdfast::trust::x509
