#include "trust/tpm/boot_policy.h"

#include "base/text.h"
#include "trust/tpm/floor.h"

namespace holdfast::trust::tpm {
namespace {

/// So that a word for one phase or component is none for another.
std::string reference_of(BootPhase phase, std::string_view component) {
  return cat(phase == BootPhase::Begin ? "holdfast-open-v1 " : "holdfast-use-v1 ", component);
}

}  // namespace

Digest256 separator_digest() { return crypto::sha256(as_bytes(kSeparator)); }

BootState separated(const BootState& begin) {
  return {begin.keys, crypto::sha256({begin.program, separator_digest()})};
}

Digest256 boot_policy(BootPhase phase, std::string_view component, const PublicArea& authority) {
  return authorized_policy(authority, reference_of(phase, component));
}

SignedPolicy signed_boot_policy(BootPhase phase, const BootState& state, std::string_view component,
                                const PublicArea& authority, std::int64_t security_version) {
  const Digest256 measured = policy_pcr({}, (1u << kPcrOfKeys) | (1u << kPcrOfSystem), {state.keys, state.program});
  const Digest256 policy = policy_nv(measured, floor_index_name(component, authority), floor_bytes(security_version),
                                     Comparison::UnsignedLessOrEqual);
  return {policy, to_blob(as_bytes(reference_of(phase, component)))};
}

}  // namespace holdfast::trust::tpm
