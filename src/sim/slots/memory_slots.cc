#include "sim/slots/memory_slots.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::sim::slots {
namespace {

using ports::Slot;
using ports::Trial;

/// Disks lose whole sectors.
constexpr std::size_t kSectorBytes = 512;

bool tossed(ports::Random& random) { return (ports::random_array<1>(random)[0] & 1) != 0; }

Result<void> require_inside(std::int64_t offset, std::size_t bytes, std::int64_t capacity) {
  if (offset >= 0 && offset <= capacity && static_cast<std::int64_t>(bytes) <= capacity - offset) return {};
  return fail(Next::Exhausted, ports::kSlotsFull,
              cat("expected to stay within the ", capacity, " bytes of a place, saw ", bytes, " at ", offset));
}

}  // namespace

void MemorySlots::add(std::string component, Bytes image, bool needs_boot, std::int64_t capacity) {
  Component made;
  for (Place& place : made.places) place.bytes.assign(static_cast<std::size_t>(capacity), 0);
  Place& first = made.place(Slot::A);
  std::ranges::copy(image, first.bytes.begin());
  first.length = static_cast<std::int64_t>(image.size());
  made.facts.capacity = capacity;
  made.needs_boot = needs_boot;
  components_.insert_or_assign(std::move(component), std::move(made));
}

Result<MemorySlots::Component*> MemorySlots::find(std::string_view component) {
  const auto found = components_.find(component);
  if (found != components_.end()) return &found->second;
  return fail(Next::NotFound, ports::kSlotsMissing, cat("expected places for ", printable(component), ", saw none"));
}

Result<std::vector<std::string>> MemorySlots::components() {
  std::vector<std::string> out;
  for (const auto& [name, component] : components_) out.push_back(name);
  return out;
}

Result<ports::SlotFacts> MemorySlots::facts(std::string_view component) { return TRY(find(component))->facts; }

Result<Blob> MemorySlots::read(std::string_view component, Slot slot, std::int64_t offset, std::size_t bytes) {
  Component& from = *TRY(find(component));
  const Blob& whole = from.place(slot).bytes;
  if (offset < 0 || offset >= std::ssize(whole)) return Blob();
  const auto begin = whole.begin() + offset;
  Blob out(begin, begin + std::min<std::int64_t>(whole.end() - begin, static_cast<std::int64_t>(bytes)));
  if (slot == from.facts.confirmed) return out;
  for (const Write& write : from.unsynced) {
    const std::int64_t first = std::max(write.offset, offset);
    const std::int64_t last = std::min(write.offset + std::ssize(write.bytes), offset + std::ssize(out));
    if (first >= last) continue;
    std::copy(write.bytes.begin() + (first - write.offset), write.bytes.begin() + (last - write.offset),
              out.begin() + (first - offset));
  }
  return out;
}

Result<void> MemorySlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  Component& into = *TRY(find(component));
  TRY(require_inside(offset, bytes.size(), into.facts.capacity));
  if (into.facts.trial == Trial::Running) {
    return fail(Next::Conflict, ports::kSlotsBusy, cat("a trial of ", component, " runs"));
  }
  into.facts.trial = Trial::None;
  into.unsynced.push_back({offset, to_blob(bytes)});
  return {};
}

Result<void> MemorySlots::sync(std::string_view component) {
  Component& of = *TRY(find(component));
  Blob& spare = of.place(other(of.facts.confirmed)).bytes;
  for (const Write& write : of.unsynced) std::ranges::copy(write.bytes, spare.begin() + write.offset);
  of.unsynced.clear();
  return {};
}

Result<void> MemorySlots::arm(std::string_view component, std::int64_t length) {
  Component& of = *TRY(find(component));
  TRY(require_inside(0, static_cast<std::size_t>(length), of.facts.capacity));
  if (of.facts.trial == Trial::Running) {
    return fail(Next::Conflict, ports::kSlotsBusy, cat("a trial of ", component, " runs"));
  }
  of.place(other(of.facts.confirmed)).length = length;
  of.facts.trial = Trial::Armed;
  return {};
}

Result<void> MemorySlots::confirm(std::string_view component) {
  Component& of = *TRY(find(component));
  of.facts.confirmed = of.facts.running;
  if (of.facts.trial == Trial::Running) of.facts.trial = Trial::None;
  return {};
}

Result<void> MemorySlots::restart(std::string_view component) {
  Component& of = *TRY(find(component));
  wants_boot_ |= of.needs_boot;
  if (!of.needs_boot) start_one(std::string(component), of);
  return {};
}

void MemorySlots::lose_power(bool torn) {
  for (auto& [name, of] : components_) {
    Blob& spare = of.place(other(of.facts.confirmed)).bytes;
    for (const Write& write : of.unsynced) {
      const bool is_kept = tossed(*random_);
      for (std::size_t at = 0; at < write.bytes.size(); at += kSectorBytes) {
        if (torn ? !tossed(*random_) : !is_kept) continue;
        const std::size_t size = std::min(kSectorBytes, write.bytes.size() - at);
        std::copy_n(write.bytes.begin() + static_cast<std::ptrdiff_t>(at), size,
                    spare.begin() + write.offset + static_cast<std::ptrdiff_t>(at));
      }
    }
    of.unsynced.clear();
  }
}

void MemorySlots::start_one(const std::string& name, Component& component) {
  ports::SlotFacts& facts = component.facts;
  const bool is_tried = facts.trial == Trial::Armed;
  if (facts.trial == Trial::Running) facts.trial = Trial::Failed;
  if (is_tried) facts.trial = Trial::Running;
  facts.running = is_tried ? other(facts.confirmed) : facts.confirmed;
  ++component.starts;
  if (!comes_up_ || comes_up_(name, running(name))) return;
  if (!is_tried) {
    is_lost_ = true;
    return;
  }
  start_one(name, component);
}

void MemorySlots::start() {
  wants_boot_ = false;
  for (auto& [name, component] : components_) start_one(name, component);
}

Bytes MemorySlots::running(std::string_view component) const {
  const Component& of = components_.find(component)->second;
  const Place& place = of.places[static_cast<std::size_t>(of.facts.running)];
  return Bytes(place.bytes).first(static_cast<std::size_t>(place.length));
}

Result<ports::FloorFacts> MemoryFloor::read(std::string_view component) {
  if (is_lost_) return ports::FloorFacts{.is_missing = true};
  return ports::FloorFacts{.lowest = of(component), .held = of(component)};
}

Result<void> MemoryFloor::raise(std::string_view component, std::int64_t security_version,
                                const ports::FloorWord* word) {
  word_ = word == nullptr ? std::nullopt : std::optional(*word);
  std::int64_t& floor = floors_[std::string(component)];
  floor = std::max(floor, security_version);
  is_lost_ = false;
  return {};
}

std::int64_t MemoryFloor::of(std::string_view component) const {
  const auto found = floors_.find(component);
  return found == floors_.end() ? 0 : found->second;
}

}  // namespace holdfast::sim::slots
