// What a chip opens for a good boot alone (docs/decisions/0022-what-a-good-boot-opens.md): the firmware's keys (PCR 7)
// and the system (PCR 11) are ones that the system's authority signed, and the floor is not above the security version
// that it signed them with. PCR 1 and 4 do not count: they change with what was armed and refused. The first process
// extends PCR 11 once it has opened what is its own; so there are two kinds, and neither opens the other.
#pragma once

#include "trust/tpm/signed_policy.h"

namespace holdfast::trust::tpm {

inline constexpr unsigned kPcrOfKeys = 7;
inline constexpr unsigned kPcrOfSystem = 11;

enum class BootPhase {
  Begin,    ///< PCR 11 as the boot program left it
  Running,  ///< behind the separator
};

struct BootState {
  Digest256 keys{};     ///< PCR 7
  Digest256 program{};  ///< PCR 11
};

/// What the first process extends PCR 11 with the digest of, and notes in the log.
inline constexpr std::string_view kSeparator{"holdfast-begun-v1"};
Digest256 separator_digest();
/// From the beginning of a boot to behind its separator.
BootState separated(const BootState& begin);

/// authPolicy of what opens in this phase of a component's boots.
Digest256 boot_policy(BootPhase phase, std::string_view component, const PublicArea& authority);
/// What the authority signs so that a boot opens it: `state` is that of the phase.
SignedPolicy signed_boot_policy(BootPhase phase, const BootState& state, std::string_view component,
                                const PublicArea& authority, std::int64_t security_version);

}  // namespace holdfast::trust::tpm
