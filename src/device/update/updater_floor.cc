#include "device/update/updater.h"

namespace holdfast::device::update {

Result<void> Updater::raise_floor(const std::string& component, const Holding& lowest) {
  std::optional<ports::FloorWord> word;
  if (lowest.floor) word = {lowest.floor->authority, lowest.floor->lay, lowest.floor->raise};
  return parts_.floor.raise(component, lowest.security_version, word ? &*word : nullptr);
}

/// Of a component that has places, of which something is known, and of which nothing is being tried.
Result<std::optional<ports::SlotFacts>> Updater::facts_at_rest(const Entry& entry) {
  const auto facts = parts_.slots.facts(entry.first);
  if (!facts && facts.error().reason == ports::kSlotsMissing) return std::optional<ports::SlotFacts>();
  if (!facts) return std::unexpected(facts.error());
  const bool is_tried = facts->trial == ports::Trial::Armed || facts->trial == ports::Trial::Running ||
                        (entry.second.attempt && entry.second.attempt->stage == Stage::Trying);
  const bool is_at_rest = !is_tried && entry.second.place(facts->confirmed);
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
    const auto& attempt = entry.second.attempt;
    const Holding& confirmed = *entry.second.place(facts->confirmed);
    const std::optional<Holding>& spare = entry.second.place(other(facts->confirmed));
    const Holding* next = attempt ? &attempt->holding : spare ? &*spare : nullptr;
    const Holding& lowest = next != nullptr && next->security_version < confirmed.security_version ? *next : confirmed;
    const ports::FloorFacts laid = TRY(parts_.floor.read(entry.first));
    const bool is_held = !lowest.floor || laid.held >= lowest.security_version;
    if (!laid.is_missing && laid.lowest >= lowest.security_version && is_held) continue;
    TRY(raise_floor(entry.first, lowest));
    is_news |= laid.is_missing || (at.attested_at && !at.is_healthy);
  }
  are_floors_settled_ = true;
  return is_news;
}

/// Whether the way back of what runs is worth nothing any more: by the word of a release that was kept long enough ago,
/// or because a service knows of a higher floor.
Result<bool> Updater::is_way_back_over(const Entry& entry, const Holding& runs, const Situation& at) {
  if (at.lacks_floor_alone) return TRY(parts_.floor.read(entry.first)).lowest < runs.security_version;
  if (!at.is_healthy || !entry.second.kept_at || !runs.close_fallback) return false;
  return at.wall >= *entry.second.kept_at + *runs.close_fallback;
}

/// Whatever is in the other place. Whether the service had better see it.
Result<bool> Updater::close_fallbacks(const Situation& at) {
  bool is_news = false;
  for (Entry& entry : state_.components) {
    const auto facts = TRY(facts_at_rest(entry));
    if (!facts || entry.second.attempt) continue;
    auto& kept_at = entry.second.kept_at;
    if (kept_at && *kept_at > at.wall) kept_at = at.wall;  // a clock that went wrong
    const Holding& runs = *entry.second.place(facts->confirmed);
    if (!TRY(is_way_back_over(entry, runs, at))) continue;
    TRY(raise_floor(entry.first, runs));
    entry.second.place(other(facts->confirmed)).reset();
    kept_at.reset();
    TRY(save());
    is_news |= at.lacks_floor_alone;
  }
  return is_news;
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
