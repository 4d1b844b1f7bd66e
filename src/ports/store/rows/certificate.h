// The service's keys and authorities, and every certificate that it issued. Private keys are sealed by the service key.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

enum class KeyPurpose {
  ClientCa = 0,
  UpdateCa = 1,
  Audit = 2,
  ServiceCa = 3,
  Server = 4,
  UnattestedCa = 5,
  Director = 6
};

struct KeyRow {
  std::string catalog;  ///< empty: the service's own
  KeyPurpose purpose = KeyPurpose::Audit;
  std::int64_t number = 0;  ///< from 1
  Blob public_key;          ///< SubjectPublicKeyInfo
  Blob sealed_key;          ///< PKCS#8, or where a token has the key
  std::optional<Blob> certificate;
  std::optional<Blob> root;  ///< of an issuing CA
  WallTime created_at;
  std::optional<WallTime> in_force_at;  ///< of an issuing CA; none: since it was certified; since migration 6

  static const Schema& schema();
  /// As migration 1 made it.
  static const Schema& first_schema();
  auto fields() {
    return std::tie(catalog, purpose, number, public_key, sealed_key, certificate, root, created_at, in_force_at);
  }
  auto fields() const {
    return std::tie(catalog, purpose, number, public_key, sealed_key, certificate, root, created_at, in_force_at);
  }
};

/// An issuing CA that issues nothing any more and whose key is gone: what an auditor needs of it.
struct FormerAuthorityRow {
  std::string catalog;
  KeyPurpose purpose = KeyPurpose::ClientCa;
  std::int64_t number = 0;
  Blob public_key;
  std::optional<Blob> certificate;  ///< none: it never had one
  WallTime created_at;
  WallTime ended_at;
  bool is_distrusted = false;          ///< before its time
  std::string reason;                  ///< of the distrust
  std::optional<Blob> key_in_token{};  ///< where a token has the key, sealed; until it is destroyed there

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, purpose, number, public_key, certificate, created_at, ended_at, is_distrusted, reason,
                    key_in_token);
  }
  auto fields() const {
    return std::tie(catalog, purpose, number, public_key, certificate, created_at, ended_at, is_distrusted, reason,
                    key_in_token);
  }
};

enum class CertificateKind { Client = 0, Update = 1, Quarantine = 2, Unattested = 3 };
enum class CertificateState {
  Valid = 0,
  Superseded = 1,  ///< by a worse verdict, a hold, or a new enrolment
  Revoked = 2,     ///< by an operator
};

struct CertificateRow {
  std::string catalog;
  ByteArray<16> serial{};
  Digest256 sha256{};  ///< of the whole certificate
  std::string device;  ///< or the thing without a vault, of Unattested
  CertificateKind kind = CertificateKind::Client;
  WallTime not_before;
  WallTime not_after;
  std::int64_t appraisal = 0;  ///< the device's appraisal that permits it
  CertificateState state = CertificateState::Valid;
  std::optional<WallTime> ended_at;  ///< when it stopped being valid before its time
  std::string reason;
  std::optional<std::int64_t> authority;  ///< number of the issuing CA; none: from before migration 6

  static const Schema& schema();
  /// As migration 1 made it.
  static const Schema& first_schema();
  auto fields() {
    return std::tie(catalog, serial, sha256, device, kind, not_before, not_after, appraisal, state, ended_at, reason,
                    authority);
  }
  auto fields() const {
    return std::tie(catalog, serial, sha256, device, kind, not_before, not_after, appraisal, state, ended_at, reason,
                    authority);
  }
};

/// When the revocation lists of a catalog's client or update authorities were signed last, by whichever process.
struct RevocationListRow {
  std::string catalog;
  KeyPurpose purpose = KeyPurpose::ClientCa;
  std::int64_t number = 0;  ///< only ever rises
  WallTime signed_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, purpose, number, signed_at); }
  auto fields() const { return std::tie(catalog, purpose, number, signed_at); }
};

/// Their bytes, since a list may be longer than a field.
struct RevocationListPartRow {
  std::string catalog;
  KeyPurpose purpose = KeyPurpose::ClientCa;
  std::int64_t authority = 0;  ///< the key's number
  std::int64_t part = 0;       ///< from 0
  Blob bytes;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, purpose, authority, part, bytes); }
  auto fields() const { return std::tie(catalog, purpose, authority, part, bytes); }
};

/// There while those lists do not say everything. A row of its own, so that who ends a certificate changes nothing that
/// is there already.
struct RevocationChangeRow {
  std::string catalog;
  KeyPurpose purpose = KeyPurpose::ClientCa;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, purpose); }
  auto fields() const { return std::tie(catalog, purpose); }
};

inline constexpr std::string_view kCertificatesBySha256 = "certificates_by_sha256";  ///< sha256; unique
inline constexpr std::string_view kCertificatesByDevice = "certificates_by_device";  ///< catalog, device, not_after
inline constexpr std::string_view kCertificatesByEnd = "certificates_by_end";  ///< catalog, kind, state, not_after

extern template class Table<KeyRow>;
extern template class Table<FormerAuthorityRow>;
extern template class Table<CertificateRow>;
extern template class Table<RevocationListRow>;
extern template class Table<RevocationListPartRow>;
extern template class Table<RevocationChangeRow>;

}  // namespace holdfast::ports
