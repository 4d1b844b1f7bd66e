// The catalog's numbered trust policy, signed by the owner's root role: which services a device may talk to and in
// which order, the CA of their certificates, the TPM roots, what the device does while it is offline, and what becomes
// of it when its owner is gone (flow 1.6). The number is pinned: a lower one is refused, and so is another document
// under the same number. Members that this version does not know are refused, because ignoring one could mean ignoring
// a limit.
#pragma once

#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kTrustPolicyMalformed{"trust-policy-malformed"};
inline constexpr Reason kTrustPolicyRolledBack{"trust-policy-rolled-back"};
inline constexpr Reason kTrustPolicyForeign{"trust-policy-foreign"};

inline constexpr std::size_t kServicesMax = 8;
inline constexpr std::size_t kServiceUrlBytesMax = 256;
inline constexpr std::size_t kTpmRootsMax = 64;
inline constexpr std::size_t kCertificateBytesMax = 8 * 1024;
inline constexpr std::size_t kCatalogBytesMax = 48;

/// What a device does once it has been without a client certificate for `after`.
enum class OfflineAction {
  KeepRunning,       ///< the default: losing the certificate stops nothing
  StopApplications,  ///< applications stop until the next certificate
};
std::string_view name_of(OfflineAction action);

struct OfflineBehaviour {
  OfflineAction action = OfflineAction::KeepRunning;
  Duration after = days(0);  ///< with KeepRunning: zero
  friend bool operator==(const OfflineBehaviour&, const OfflineBehaviour&) = default;
};

/// Decided when the catalog is made: how a device is freed when nobody can sign its release.
enum class OwnerGone { Nothing, PhysicalPresence, HeirKey };
std::string_view name_of(OwnerGone rule);

/// Who says which images a device is to have, among those that the owner released: the service's own keys. They can
/// withhold an image and never forge one.
struct Director {
  std::vector<Key> keys;
  Role role;
};

/// Who says so where no service is: keys that never reach one, none of them the director's. What they sign is good
/// where it is carried to a device, and nowhere else (offline_targets.h).
struct OfflineDirector {
  Director director;
  /// How long an image that they directed has to run before the device keeps it although no service was reached; zero:
  /// it keeps none without.
  Duration confirm_after{};
};

/// The owner takes back a time floor that somebody lied up. It counts once, for a device that takes this policy in
/// place of one with a lower number.
struct LoweredTimeFloor {
  WallTime time;
  std::optional<std::string> device = {};  ///< none: every device of the catalog
};

struct TrustPolicy {
  std::int64_t version = 1;
  std::string catalog;
  std::vector<std::string> services;  ///< `https://host[:port]`, in the order to try
  Blob service_ca;                    ///< DER
  std::vector<Blob> tpm_roots;        ///< DER
  OfflineBehaviour offline;
  OwnerGone owner_gone = OwnerGone::Nothing;
  std::optional<Key> heir;                          ///< with HeirKey alone
  std::optional<Director> director;                 ///< none: no service directs
  std::optional<OfflineDirector> offline_director;  ///< none: nothing that is carried to a device directs it
  std::optional<LoweredTimeFloor> time_floor;
  WallTime expires;
  Digest256 signed_digest{};  ///< SHA-256 of the canonical signed part; set by reading
};

/// What a device remembers of the last trust policy that it accepted; version 0: none yet.
struct TrustPolicyPin {
  std::int64_t version = 0;
  Digest256 signed_digest{};
};
TrustPolicyPin pin_of(const TrustPolicy& policy);

/// Signed by the root role, for this catalog, not older than the pin. Expiry is a separate question
/// (require_unexpired), because a device asks it at its time floor.
Result<Verified<TrustPolicy>> verify_trust_policy(Bytes envelope, const Verified<Root>& root, std::string_view catalog,
                                                  const TrustPolicyPin& pin);

// The owner's side.

/// An unsigned trust policy; refuses what verification would refuse.
Result<Envelope> make_trust_policy(const TrustPolicy& policy);
/// Reads one without trusting it.
Result<TrustPolicy> read_trust_policy(const Envelope& envelope);

}  // namespace holdfast::trust::tuf
