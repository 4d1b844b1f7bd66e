#include "linux/tpm/tpm_floor.h"

#include <algorithm>

#include "linux/tpm/chip_held.h"
#include "linux/tpm/floor_index_held.h"

namespace holdfast::linux::tpm {
namespace {

using trust::tpm::FloorWrite;

Result<std::int64_t> held_in(Burst& burst, std::string_view component) {
  const auto index = TRY(find_floor(burst, component));
  return index && !index->is_foreign ? index->value.value_or(0) : 0;
}

/// Raised where it stands, or laid anew: one of another authority takes no word of this one. `was_laid`: it was this
/// component's before, and not another's that has the same handle.
Result<void> raise_in(Burst& burst, const FloorOrder& order, bool was_laid) {
  auto index = TRY(find_floor(burst, order.component));
  if (index && (index->is_foreign || index->value.value_or(0) >= order.security_version)) return {};
  const bool is_ours = index && index->policy == floor_policy(order.component, order.authority);
  if (is_ours) return write_floor(burst, index->nv, index->value ? FloorWrite::Raise : FloorWrite::Lay, order);
  if (index && !was_laid) return {};
  if (index) TRY(undefine_floor(burst, *std::move(index)));
  const Loaded fresh = TRY(define_floor(burst, order));
  return write_floor(burst, fresh, FloorWrite::Lay, order);
}

}  // namespace

Result<ports::FloorFacts> TpmFloor::read(std::string_view component) {
  const ports::FloorFacts seen = TRY(seen_.read(component));
  const ports::FloorFacts beside = TRY(beside_.read(component));
  const std::int64_t held = TRY(vault_.chip().within_burst([&](Burst& burst) { return held_in(burst, component); }));
  const bool is_missing = held < seen.lowest || seen.is_missing || beside.is_missing;
  return ports::FloorFacts{std::max(held, beside.lowest), is_missing};
}

Result<void> TpmFloor::raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) {
  if (word != nullptr && security_version > 0) {
    const auto key = TRY(trust::crypto::PublicKey::from_spki(word->authority));
    const auto authority = trust::tpm::floor_authority_area(key);
    const bool was_laid = TRY(seen_.read(component)).lowest > 0;
    const FloorOrder order{component, authority, security_version, *word};
    const auto raised = vault_.chip().within_burst([&](Burst& burst) { return raise_in(burst, order, was_laid); });
    // What the chip refuses for good it does not hold: no room, or a password on its owner hierarchy.
    if (!raised && raised.error().next != Next::Rejected) return raised;
  }
  const std::int64_t held = TRY(vault_.chip().within_burst([&](Burst& burst) { return held_in(burst, component); }));
  TRY(seen_.remember(component, held));
  const bool is_beside_lost = TRY(beside_.read(component)).is_missing;
  if (held >= security_version && !is_beside_lost) return {};
  return beside_.raise(component, held >= security_version ? 0 : security_version, word);
}

}  // namespace holdfast::linux::tpm
