// A device: one endorsement key, one id, for ever. Its attestation key, keys and counters change with each enrolment.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

enum class DeviceState {
  Enrolled = 0,
  Held = 1,      ///< an operator quarantined it: no client certificate whatever it attests
  Released = 2,  ///< its owner let it go, and it has confirmed; claimed again it is itself again
};

struct DeviceRow {
  std::string catalog;
  std::string device;     ///< hf-xxxx-xxxx-xxxx-xxxx
  Digest256 ek_sha256{};  ///< of the endorsement key's SubjectPublicKeyInfo: the identity
  std::string product;
  std::string device_group;
  DeviceState state = DeviceState::Enrolled;
  Blob ak_public;               ///< TPMT_PUBLIC of the attestation key in force
  std::int64_t enrolments = 0;  ///< 1 after the first
  WallTime enrolled_at;
  std::int64_t attestations = 0;  ///< stored appraisals; numbers the newest
  std::optional<std::int64_t> last_verdict;
  std::optional<WallTime> last_attested_at;
  std::optional<std::int64_t> clock_ms;  ///< TPMS_CLOCK_INFO of the newest authentic quote under this AK
  std::optional<std::int64_t> reset_count;
  std::optional<std::int64_t> restart_count;
  std::optional<WallTime> last_seen_at;
  std::int64_t boot_count = 0;
  std::string running;              ///< JSON, as last reported
  std::string floor;                ///< JSON: component to lowest security version accepted; survives re-enrolment
  std::optional<Blob> escrow = {};  ///< what owns its chip, for the owner alone, as it last said in a healthy boot

  static const Schema& schema();
  /// As migration 1 made it.
  static const Schema& first_schema();
  auto fields() {
    return std::tie(catalog, device, ek_sha256, product, device_group, state, ak_public, enrolments, enrolled_at,
                    attestations, last_verdict, last_attested_at, clock_ms, reset_count, restart_count, last_seen_at,
                    boot_count, running, floor, escrow);
  }
  auto fields() const {
    return std::tie(catalog, device, ek_sha256, product, device_group, state, ak_public, enrolments, enrolled_at,
                    attestations, last_verdict, last_attested_at, clock_ms, reset_count, restart_count, last_seen_at,
                    boot_count, running, floor, escrow);
  }
};

/// The owner's newest statement that a device is let go.
struct ReleaseRow {
  std::string catalog;
  std::string device;
  Blob statement;  ///< the envelope, as it was signed
  Digest256 signed_digest{};
  Digest256 attestation_key{};  ///< SHA-256 of the TPMT_PUBLIC that it is about
  std::string ordered_by;
  WallTime ordered_at;
  WallTime expires_at;
  std::optional<WallTime> confirmed_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, device, statement, signed_digest, attestation_key, ordered_by, ordered_at, expires_at,
                    confirmed_at);
  }
  auto fields() const {
    return std::tie(catalog, device, statement, signed_digest, attestation_key, ordered_by, ordered_at, expires_at,
                    confirmed_at);
  }
};

inline constexpr std::string_view kDevicesByEk = "devices_by_ek";            ///< catalog, ek_sha256; unique
inline constexpr std::string_view kDevicesByGroup = "devices_by_group";      ///< catalog, product, device_group
inline constexpr std::string_view kDevicesByVerdict = "devices_by_verdict";  ///< catalog, last_verdict

extern template class Table<DeviceRow>;
extern template class Table<ReleaseRow>;

}  // namespace holdfast::ports
