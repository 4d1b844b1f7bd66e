#include "linux/slots/firmware_slots.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "firmware/boot_option.h"
#include "firmware/variable_store.h"

namespace holdfast::linux::slots {
namespace {

using ports::Slot;
using ports::SlotFacts;
using ports::Trial;

constexpr efi::VariableName kBootOrder{firmware::kGlobalVariable, "BootOrder"};
constexpr efi::VariableName kBootNext{firmware::kGlobalVariable, "BootNext"};
constexpr efi::VariableName kBootCurrent{firmware::kGlobalVariable, "BootCurrent"};
/// Firmware refuses variables that it does not know under its own name.
constexpr efi::VariableName kTrial{firmware::guid("7c1d0f5b-3a86-4f1e-9b0d-52c7d8e4a913"), "HoldfastTrial"};

enum class Phase : std::uint8_t {
  Arming = 1,  ///< BootNext says whether it was
  Armed = 2,   ///< and without BootNext it was tried
  Seen = 3,    ///< it was tried, and its failure was seen
};
struct TrialNote {
  Phase phase = Phase::Arming;
  Slot slot = Slot::A;
};

std::uint16_t number_of(Slot slot) { return slot == Slot::A ? firmware::kBootPlaceA : firmware::kBootPlaceB; }

std::optional<Slot> slot_of(std::uint16_t number) {
  if (number == firmware::kBootPlaceA) return Slot::A;
  return number == firmware::kBootPlaceB ? std::optional(Slot::B) : std::nullopt;
}

Blob encode(TrialNote note) { return {static_cast<std::uint8_t>(note.phase), static_cast<std::uint8_t>(note.slot)}; }

/// What cannot be made out was never armed.
Result<std::optional<TrialNote>> trial_note(const efi::Variables& variables) {
  const auto bytes = TRY(variables.read(kTrial));
  const bool is_note = bytes && bytes->size() == 2 && (*bytes)[0] >= 1 && (*bytes)[0] <= 3 && (*bytes)[1] <= 1;
  if (!is_note) return std::optional<TrialNote>();
  return std::optional(TrialNote{static_cast<Phase>((*bytes)[0]), static_cast<Slot>((*bytes)[1])});
}

/// The first of ours in a list of boot options.
Result<std::optional<Slot>> first_in(const efi::Variables& variables, efi::VariableName name) {
  const auto value = TRY(variables.read(name));
  if (!value) return std::optional<Slot>();
  for (const std::uint16_t one : TRY(firmware::parse_boot_numbers(*value))) {
    if (const auto slot = slot_of(one)) return slot;
  }
  return std::optional<Slot>();
}

/// `first`, the other place, and whatever else firmware knows.
Result<Blob> order_with(const efi::Variables& variables, Slot first) {
  std::vector<std::uint16_t> order = {number_of(first), number_of(other(first))};
  const auto before = TRY(variables.read(kBootOrder));
  for (const std::uint16_t one : before ? TRY(firmware::parse_boot_numbers(*before)) : std::vector<std::uint16_t>{}) {
    if (!slot_of(one) && order.size() < firmware::kBootOptionsMax) order.push_back(one);
  }
  return firmware::boot_numbers(order);
}

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, ports::kSlotsFailed, cat("expected to ", what, " a place, saw: ", std::strerror(errno)));
}

Result<system::Descriptor> opened(const std::filesystem::path& place, int how) {
  system::Descriptor out(::open(place.c_str(), how | O_CLOEXEC));
  if (out.is_open()) return out;
  return failed("open");
}

}  // namespace

Result<FirmwareSlots> FirmwareSlots::open(std::string component, efi::Variables variables,
                                          std::array<std::filesystem::path, 2> places) {
  FirmwareSlots out(std::move(component), std::move(variables), std::move(places));
  out.capacity_ = INT64_MAX;
  for (const auto& one : out.places_) {
    const auto place = TRY(opened(one, O_RDONLY));
    const std::int64_t end = ::lseek(place.number(), 0, SEEK_END);
    if (end < 0) return failed("measure");
    out.capacity_ = std::min(out.capacity_, end);
  }
  TRY(out.look());
  return out;
}

Result<void> FirmwareSlots::require(std::string_view component) const {
  if (component == component_) return {};
  return fail(Next::NotFound, ports::kSlotsMissing,
              cat("expected a component with places, saw ", printable(component)));
}

Result<Slot> FirmwareSlots::confirmed() const {
  if (const auto slot = TRY(first_in(variables_, kBootOrder))) return *slot;
  return fail(Next::Corrupt, ports::kSlotsFailed, "expected a place of ours in BootOrder, saw none");
}

Result<SlotFacts> FirmwareSlots::look() const {
  SlotFacts out;
  out.confirmed = TRY(confirmed());
  out.capacity = capacity_;
  const auto running = TRY(first_in(variables_, kBootCurrent));
  if (!running) return fail(Next::Corrupt, ports::kSlotsFailed, "expected to run from a place of ours, saw another");
  out.running = *running;
  const auto note = TRY(trial_note(variables_));
  const auto next = TRY(first_in(variables_, kBootNext));
  const bool is_noted = note && note->slot == other(out.confirmed);
  if (out.running != out.confirmed) {
    out.trial = Trial::Running;
  } else if (is_noted && next == note->slot) {
    out.trial = Trial::Armed;
  } else if (is_noted && note->phase != Phase::Arming) {
    out.trial = Trial::Failed;
  }
  return out;
}

Result<bool> FirmwareSlots::heal() {
  const SlotFacts seen = TRY(look());
  const auto note = TRY(trial_note(variables_));
  const bool is_tried = note && note->slot == seen.running && note->phase != Phase::Seen;
  if (seen.running == seen.confirmed || is_tried) return false;
  TRY(variables_.write(kBootOrder, TRY(order_with(variables_, seen.running))));
  return true;
}

Result<bool> FirmwareSlots::note_failure() {
  const auto note = TRY(trial_note(variables_));
  if (TRY(look()).trial != Trial::Failed || note->phase == Phase::Seen) return false;
  TRY(variables_.write(kTrial, encode({Phase::Seen, note->slot})));
  return true;
}

Result<void> FirmwareSlots::give_up() {
  const SlotFacts seen = TRY(look());
  if (seen.running != seen.confirmed) return {};
  return variables_.write(kBootOrder, TRY(order_with(variables_, other(seen.running))));
}

Result<SlotFacts> FirmwareSlots::facts(std::string_view component) {
  TRY(require(component));
  return look();
}

Result<Blob> FirmwareSlots::read(std::string_view component, Slot slot, std::int64_t offset, std::size_t bytes) {
  TRY(require(component));
  const auto place = TRY(reader(slot));
  const std::int64_t left = offset < 0 || offset > capacity_ ? 0 : capacity_ - offset;
  Blob out(std::min(bytes, static_cast<std::size_t>(left)));
  if (::pread(place.number(), out.data(), out.size(), offset) == std::ssize(out)) return out;
  return failed("read");
}

Result<void> FirmwareSlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  TRY(require(component));
  if (offset < 0 || offset > capacity_ || std::ssize(bytes) > capacity_ - offset) {
    return fail(Next::Rejected, ports::kSlotsFull, cat("expected at most ", capacity_, " bytes for a place, saw more"));
  }
  const auto place = TRY(writer());
  if (::pwrite(place.number(), bytes.data(), bytes.size(), offset) == std::ssize(bytes)) return {};
  return failed("write");
}

Result<void> FirmwareSlots::sync(std::string_view component) {
  TRY(require(component));
  const auto place = TRY(opened(this->place(other(TRY(look()).confirmed)), O_RDONLY));
  return ::fsync(place.number()) == 0 ? Result<void>() : failed("sync");
}

Result<void> FirmwareSlots::arm(std::string_view component, std::int64_t length) {
  TRY(require(component));
  const SlotFacts seen = TRY(look());
  if (length < 0 || length > seen.capacity) {
    return fail(Next::Rejected, ports::kSlotsFull, cat("expected at most ", seen.capacity, " bytes, saw ", length));
  }
  if (seen.trial == Trial::Running) {
    return fail(Next::Conflict, ports::kSlotsBusy, "expected no trial to run, saw one");
  }
  const Slot spare = other(seen.confirmed);
  TRY(variables_.write(kTrial, encode({Phase::Arming, spare})));
  const std::uint16_t next[] = {number_of(spare)};
  TRY(variables_.write(kBootNext, firmware::boot_numbers(next)));
  return variables_.write(kTrial, encode({Phase::Armed, spare}));
}

Result<void> FirmwareSlots::confirm(std::string_view component) {
  TRY(require(component));
  const SlotFacts seen = TRY(look());
  if (seen.running != seen.confirmed) TRY(variables_.write(kBootOrder, TRY(order_with(variables_, seen.running))));
  return variables_.remove(kTrial);
}

Result<void> FirmwareSlots::restart(std::string_view component) { return require(component); }

/// First that it counts no longer, then what firmware would do, then that anything was.
Result<void> FirmwareSlots::disarm() {
  const auto note = TRY(trial_note(variables_));
  if (!note) return {};
  if (note->phase != Phase::Arming) TRY(variables_.write(kTrial, encode({Phase::Arming, note->slot})));
  TRY(variables_.remove(kBootNext));
  return variables_.remove(kTrial);
}

Result<system::Descriptor> FirmwareSlots::reader(Slot slot) const { return opened(place(slot), O_RDONLY); }

Result<system::Descriptor> FirmwareSlots::writer() {
  const SlotFacts seen = TRY(look());
  if (seen.trial == Trial::Running) {
    return fail(Next::Conflict, ports::kSlotsBusy,
                "expected no trial to run, saw one: the other place is its way back");
  }
  TRY(disarm());
  return opened(place(other(seen.confirmed)), O_RDWR);
}

}  // namespace holdfast::linux::slots
