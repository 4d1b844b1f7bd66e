#include "device/update/updater.h"

namespace holdfast::device::update {

Result<void> Updater::raise_floor(const std::string& component, const Holding& lowest) {
  std::optional<ports::FloorWord> word;
  if (lowest.floor) word = {lowest.floor->authority, lowest.floor->lay, lowest.floor->raise};
  return parts_.floor.raise(component, lowest.security_version, word ? &*word : nullptr);
}

/// Of a component that has places, of which something is known, and that is not being updated.
Result<std::optional<ports::SlotFacts>> Updater::facts_at_rest(const Entry& entry) {
  const auto facts = parts_.slots.facts(entry.first);
  if (!facts && facts.error().reason == ports::kSlotsMissing) return std::optional<ports::SlotFacts>();
  if (!facts) return std::unexpected(facts.error());
  const bool is_at_rest =
      facts->trial == ports::Trial::None && !entry.second.attempt && entry.second.place(facts->confirmed);
  return is_at_rest ? std::optional(*facts) : std::nullopt;
}

/// Floors rise to the lowest that can still be started, also those that the vault lost. Whether the service had better
/// see it.
Result<bool> Updater::settle_floors(const Situation& at) {
  if (are_floors_settled_) return false;
  bool is_news = false;
  for (const Entry& entry : state_.components) {
    const auto facts = TRY(facts_at_rest(entry));
    if (!facts) continue;
    const Holding& confirmed = *entry.second.place(facts->confirmed);
    const auto& spare = entry.second.place(other(facts->confirmed));
    const Holding& lowest = spare && spare->security_version < confirmed.security_version ? *spare : confirmed;
    const ports::FloorFacts laid = TRY(parts_.floor.read(entry.first));
    if (!laid.is_missing && laid.lowest >= lowest.security_version) continue;
    TRY(raise_floor(entry.first, lowest));
    is_news |= laid.is_missing || (at.attested_at && !at.is_healthy);
  }
  are_floors_settled_ = true;
  return is_news;
}

/// By the word of a release that was kept long enough ago: the other place is worth nothing any more, whatever is in
/// it.
Result<void> Updater::close_fallbacks(const Situation& at) {
  if (!at.is_healthy) return {};
  for (Entry& entry : state_.components) {
    const auto facts = TRY(facts_at_rest(entry));
    if (!facts || !entry.second.kept_at) continue;
    const Holding& runs = *entry.second.place(facts->confirmed);
    if (!runs.close_fallback || at.wall < *entry.second.kept_at + *runs.close_fallback) continue;
    TRY(raise_floor(entry.first, runs));
    entry.second.place(other(facts->confirmed)).reset();
    entry.second.kept_at.reset();
    TRY(save());
  }
  return {};
}

Result<std::vector<wire::LaidFloor>> Updater::floors(const std::vector<ports::RunningComponent>& booted) {
  std::vector<wire::LaidFloor> out;
  for (const auto& one : running(booted)) {
    const ports::FloorFacts laid = TRY(parts_.floor.read(one.component));
    if (laid.is_missing || laid.lowest == 0 || out.size() == wire::kRunningMax) continue;
    out.push_back({one.component, laid.lowest});
  }
  return out;
}

}  // namespace holdfast::device::update
