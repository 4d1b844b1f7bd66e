#include "linux/tpm/tpm_floor.h"

#include <algorithm>

#include "linux/tpm/chip_held.h"
#include "linux/tpm/floor_index_held.h"
#include "trust/update/floor_word.h"

namespace holdfast::linux::tpm {
namespace {

using trust::tpm::FloorWrite;

Result<std::int64_t> held_in(Burst& burst, std::string_view component) {
  const auto index = TRY(find_floor(burst, component));
  return index && !index->is_foreign ? index->value.value_or(0) : 0;
}

/// Raised where it stands, or laid anew: one of another authority takes no word of this one. `was_laid`: it was this
/// component's before, and not another's that has the same handle. What the chip holds of it then.
Result<std::int64_t> raise_in(Burst& burst, const FloorOrder& order, bool was_laid) {
  auto index = TRY(find_floor(burst, order.component));
  const bool is_ours = index && !index->is_foreign && index->policy == floor_policy(order.component, order.authority);
  const std::int64_t held = index && !index->is_foreign ? index->value.value_or(0) : 0;
  if (held >= order.security_version) return is_ours || was_laid ? held : 0;
  if (is_ours) {
    TRY(write_floor(burst, index->nv, index->value ? FloorWrite::Raise : FloorWrite::Lay, order));
    return order.security_version;
  }
  if (index && !was_laid) return 0;
  if (index) TRY(undefine_floor(burst, *std::move(index)));
  const Loaded fresh = TRY(define_floor(burst, order));
  TRY(write_floor(burst, fresh, FloorWrite::Lay, order));
  return order.security_version;
}

/// What the chip is given: only what it would take, so that it gives up nothing for a word that it then refuses.
std::optional<trust::tpm::PublicArea> authority_of(std::string_view component, std::int64_t security_version,
                                                   const ports::FloorWord* word) {
  if (word == nullptr || security_version <= 0) return std::nullopt;
  const auto key =
      trust::update::verify_floor_word({word->authority, word->lay, word->raise}, component, security_version);
  return key ? std::optional(trust::tpm::authority_area(*key)) : std::nullopt;
}

}  // namespace

Result<std::int64_t> floor_in_chip(TpmVault& vault, std::string_view component) {
  return vault.chip().within_burst([&](Burst& burst) { return held_in(burst, component); });
}

Result<ports::FloorFacts> TpmFloor::read(std::string_view component) {
  const ports::FloorFacts seen = TRY(seen_.read(component));
  const ports::FloorFacts beside = TRY(beside_.read(component));
  const std::int64_t held = TRY(floor_in_chip(vault_, component));
  const bool is_missing = held < seen.lowest || seen.is_missing || beside.is_missing;
  return ports::FloorFacts{std::max(held, beside.lowest), held, is_missing};
}

Result<void> TpmFloor::raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) {
  const std::int64_t seen = TRY(seen_.read(component)).lowest;
  std::int64_t held = 0;
  if (const auto authority = authority_of(component, security_version, word)) {
    const FloorOrder order{component, *authority, security_version, *word};
    const auto raised = vault_.chip().within_burst([&](Burst& burst) { return raise_in(burst, order, seen > 0); });
    // What the chip refuses for good it does not hold: no room, or a password on its owner hierarchy.
    if (!raised && raised.error().next != Next::Rejected) return std::unexpected(raised.error());
    held = raised.value_or(0);
  } else {
    held = seen > 0 ? TRY(floor_in_chip(vault_, component)) : 0;
  }
  TRY(seen_.remember(component, held));
  const bool is_beside_lost = TRY(beside_.read(component)).is_missing;
  if (held >= security_version && !is_beside_lost) return {};
  return beside_.raise(component, held >= security_version ? 0 : security_version, word);
}

}  // namespace holdfast::linux::tpm
