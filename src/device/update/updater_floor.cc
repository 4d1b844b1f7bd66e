#include "device/update/updater.h"

namespace holdfast::device::update {

Result<void> Updater::raise_floor(const std::string& component, const Holding& lowest) {
  std::optional<ports::FloorWord> word;
  if (lowest.floor) word = {lowest.floor->authority, lowest.floor->lay, lowest.floor->raise};
  return parts_.floor.raise(component, lowest.security_version, word ? &*word : nullptr);
}

/// Where what runs is what the director says, a floor that the vault lost is laid anew, at the lowest that can still be
/// started. Whether one was.
Result<bool> Updater::lay_lost_floors() {
  if (are_floors_there_) return false;
  bool is_laid = false;
  for (const auto& [name, component] : state_.components) {
    const auto facts = parts_.slots.facts(name);
    if (!facts && facts.error().reason == ports::kSlotsMissing) continue;
    if (!facts) return std::unexpected(facts.error());
    const auto& confirmed = component.place(facts->confirmed);
    const auto laid = parts_.floor.read(name);
    if (!laid && laid.error().reason != ports::kFloorMissing) return std::unexpected(laid.error());
    if (laid || !confirmed) continue;
    const auto& spare = component.place(other(facts->confirmed));
    TRY(raise_floor(name, spare && spare->security_version < confirmed->security_version ? *spare : *confirmed));
    is_laid = true;
  }
  are_floors_there_ = true;
  return is_laid;
}

/// By the word of a release that has run long enough: the other place is worth nothing any more, whatever is in it.
Result<void> Updater::close_fallbacks(const Situation& at) {
  if (!at.is_healthy) return {};
  for (auto& [name, component] : state_.components) {
    const auto facts = parts_.slots.facts(name);
    if (!facts && facts.error().reason == ports::kSlotsMissing) continue;
    if (!facts) return std::unexpected(facts.error());
    const auto& runs = component.place(facts->confirmed);
    auto& spare = component.place(other(facts->confirmed));
    const bool is_due = runs && runs->close_fallback && spare && component.kept_at &&
                        at.wall >= *component.kept_at + *runs->close_fallback;
    if (!is_due || facts->trial != ports::Trial::None || component.attempt) continue;
    TRY(raise_floor(name, *runs));
    spare.reset();
    TRY(save());
  }
  return {};
}

Result<std::vector<wire::LaidFloor>> Updater::floors(const std::vector<ports::RunningComponent>& booted) {
  std::vector<wire::LaidFloor> out;
  for (const auto& one : running(booted)) {
    const auto laid = parts_.floor.read(one.component);
    if (!laid && laid.error().reason != ports::kFloorMissing) return std::unexpected(laid.error());
    if (laid && *laid > 0) out.push_back({one.component, *laid});
  }
  return out;
}

}  // namespace holdfast::device::update
