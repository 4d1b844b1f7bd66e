// What lets a device in: claim tickets, the owner's list of endorsement keys, and enrolments that are under way.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct ClaimTicketRow {
  std::string catalog;
  std::string ticket;  ///< public id, 16 hex digits
  Digest256 secret_sha256{};
  std::string product;
  std::string device_group;
  std::optional<std::string> device;  ///< re-enrolment: the only device that may use it
  std::string created_by;
  WallTime created_at;
  WallTime expires_at;
  std::optional<WallTime> consumed_at;
  std::optional<std::string> consumed_by;  ///< device id

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, ticket, secret_sha256, product, device_group, device, created_by, created_at, expires_at,
                    consumed_at, consumed_by);
  }
  auto fields() const {
    return std::tie(catalog, ticket, secret_sha256, product, device_group, device, created_by, created_at, expires_at,
                    consumed_at, consumed_by);
  }
};

inline constexpr std::string_view kTicketsBySecret = "claim_tickets_by_secret";  ///< catalog, secret_sha256; unique

/// An endorsement key that the owner expects, by the SHA-256 of its SubjectPublicKeyInfo.
struct ExpectedKeyRow {
  std::string catalog;
  Digest256 ek_sha256{};
  std::string product;
  std::string device_group;
  std::string label;  ///< e.g. the serial number of a factory list
  WallTime added_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, ek_sha256, product, device_group, label, added_at); }
  auto fields() const { return std::tie(catalog, ek_sha256, product, device_group, label, added_at); }
};

/// A credential that was sent and not yet opened.
struct EnrollChallengeRow {
  ByteArray<16> challenge{};
  std::string catalog;
  Digest256 ek_sha256{};
  Blob ak_public;
  Digest256 secret_sha256{};
  std::optional<std::string> ticket;
  std::string product;
  std::string device_group;
  WallTime expires_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(challenge, catalog, ek_sha256, ak_public, secret_sha256, ticket, product, device_group, expires_at);
  }
  auto fields() const {
    return std::tie(challenge, catalog, ek_sha256, ak_public, secret_sha256, ticket, product, device_group, expires_at);
  }
};

inline constexpr std::string_view kChallengesByExpiry = "enroll_challenges_by_expiry";  ///< expires_at

extern template class Table<ClaimTicketRow>;
extern template class Table<ExpectedKeyRow>;
extern template class Table<EnrollChallengeRow>;

}  // namespace holdfast::ports
