#include "linux/tpm/tpm_floor.h"

#include <algorithm>

#include "base/text.h"
#include "linux/tpm/chip_held.h"
#include "linux/tpm/floor_index_held.h"

namespace holdfast::linux::tpm {
namespace {

using trust::tpm::FloorWrite;

/// Raised where it stands, or laid anew: one of another authority, or that was never written, takes no word of this
/// one.
Result<void> raise_in(Burst& burst, const FloorOrder& order) {
  auto index = TRY(find_floor(burst, order.component));
  if (index && index->value && *index->value >= order.security_version) return {};
  const bool is_ours = index && index->policy == floor_policy(order.authority);
  if (is_ours && index->value) return write_floor(burst, index->nv, FloorWrite::Raise, order);
  if (is_ours) return write_floor(burst, index->nv, FloorWrite::Lay, order);
  if (index) TRY(undefine_floor(burst, *std::move(index)));
  const Loaded fresh = TRY(define_floor(burst, order));
  return write_floor(burst, fresh, FloorWrite::Lay, order);
}

}  // namespace

Result<std::int64_t> TpmFloor::read(std::string_view component) {
  const std::int64_t seen = TRY(seen_.read(component));
  const std::int64_t beside = TRY(beside_.read(component));
  const auto held = vault_.chip().within_burst([&](Burst& burst) -> Result<std::int64_t> {
    const auto index = find_floor(burst, component);
    // What somebody else keeps there is no floor.
    if (!index && index.error().reason == ports::kVaultRefused) return 0;
    if (!index) return std::unexpected(index.error());
    return *index ? (*index)->value.value_or(0) : 0;
  });
  const std::int64_t laid = TRY(held);
  if (laid >= seen) return std::max(laid, beside);
  return fail(Next::Denied, ports::kFloorMissing,
              cat("expected the vault's floor of ", printable(component), " at ", seen, " or higher, saw ",
                  laid > 0 ? cat(laid) : std::string("none")));
}

Result<void> TpmFloor::raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) {
  if (security_version <= 0) return {};
  if (word == nullptr) return beside_.raise(component, security_version, nullptr);
  const auto key = TRY(trust::crypto::PublicKey::from_spki(word->authority));
  const auto authority = trust::tpm::floor_authority_area(key);
  const FloorOrder order{component, authority, security_version, *word};
  const auto raised = vault_.chip().within_burst([&](Burst& burst) { return raise_in(burst, order); });
  if (raised) return seen_.raise(component, security_version, word);
  if (raised.error().next != Next::Rejected) return raised;
  return beside_.raise(component, security_version, word);
}

}  // namespace holdfast::linux::tpm
