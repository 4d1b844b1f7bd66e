// Attestation (flow 2), from a challenge to certificates in hand. The device says nothing that counts outside the quote
// and the two certifications, and keeps nothing on the way: whatever is cut is done again with a new challenge.
// A certificate that is not for this device's own keys and name is refused, whoever sent it.
#pragma once

#include "device/contact/services.h"
#include "device/record/attested.h"
#include "device/record/identity.h"
#include "device/record/keys.h"
#include "device/record/owner.h"
#include "ports/boot.h"

namespace holdfast::device::attest {

inline constexpr Reason kTlsKeyForeign{"tls-key-foreign"};  ///< the vault does not know a TLS key, but perhaps the AK
inline constexpr Reason kVerdictUnknown{"verdict-unknown"};
inline constexpr Reason kCertificateForeign{"certificate-foreign"};  ///< for another key or name

/// Renewal is due at half of the shortest certificate's life, give or take this much.
inline constexpr int kRenewalJitterPercent = 10;
/// A certificate that its authority's end cut short is not renewed more often than this.
inline constexpr Duration kRenewalMin = seconds(30);

struct Device {
  const record::Owner& owner;
  const record::Identity& identity;
  const ports::VaultKey& attestation_key;
  const record::TlsKeys& keys;
};

/// What no measurement tells of.
struct Told {
  std::vector<ports::RunningComponent> started;  ///< or restarted, since the boot
  std::vector<wire::LaidFloor> floors;
  Blob escrow = {};
};

Result<wire::AttestResult> attest(contact::Services& services, ports::Vault& vault, const Device& device,
                                  const ports::BootFacts& facts, const Told& told);

/// The certificates checked against `device`'s keys and name; the findings cut to those that did not pass.
Result<wire::AttestResult> accept(wire::AttestResult result, const Device& device);

/// Half the life of whichever certificate ends first; the profile starts it one hour before it was issued.
Result<Duration> half_life(const wire::AttestResult& result);

}  // namespace holdfast::device::attest
