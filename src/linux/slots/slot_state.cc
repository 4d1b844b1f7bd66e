#include <array>

#include "base/json/fields.h"
#include "base/text.h"
#include "linux/slots/file_slots.h"
#include "linux/system/files.h"

namespace holdfast::linux::slots {
namespace {

using ports::Slot;
using ports::Trial;

constexpr std::size_t kStateBytesMax = 4096;
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;
constexpr std::array<std::string_view, 4> kTrials = {"none", "armed", "running", "failed"};
constexpr std::array<std::string_view, 2> kSlotNames = {"a", "b"};

template <class Kind, std::size_t N>
Result<Kind> word_of(json::Fields& fields, std::string_view name, const std::array<std::string_view, N>& words) {
  const std::string word = TRY(fields.text(name, 16));
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == word) return static_cast<Kind>(i);
  }
  return fail(Next::Corrupt, ports::kSlotsFailed, cat("expected a known word as ", name, ", saw ", printable(word)));
}

template <class Kind, std::size_t N>
std::string_view word_for(Kind kind, const std::array<std::string_view, N>& words) {
  return words[static_cast<std::size_t>(kind)];
}

}  // namespace

Result<FileSlots::State> FileSlots::read_state(const std::filesystem::path& folder) {
  const Blob bytes = TRY(system::read_file(folder / kStateName, kStateBytesMax));
  const json::Value value = TRY(json::parse(bytes, {.bytes_max = kStateBytesMax}));
  auto fields = TRY(json::Fields::of(value, "state of a component"));
  State out;
  out.facts.confirmed = TRY(word_of<Slot>(fields, "confirmed", kSlotNames));
  out.facts.running = TRY(word_of<Slot>(fields, "running", kSlotNames));
  out.facts.trial = TRY(word_of<Trial>(fields, "trial", kTrials));
  out.facts.capacity = TRY(fields.integer("capacity", 1, kNumberMax));
  out.length = TRY(fields.integer("length", 0, out.facts.capacity));
  out.boot = TRY(fields.integer("boot", 0, kNumberMax));
  out.needs_boot = TRY(fields.boolean("needs_boot"));
  // Who lays a component by hand says it of settings alone.
  if (fields.has("confirmed_length")) {
    out.confirmed_length = TRY(fields.integer("confirmed_length", 0, out.facts.capacity));
  }
  return out;
}

Result<void> FileSlots::write_state(const std::filesystem::path& folder, const State& state) {
  const json::Value value = json::Object{{"confirmed", word_for(state.facts.confirmed, kSlotNames)},
                                         {"running", word_for(state.facts.running, kSlotNames)},
                                         {"trial", word_for(state.facts.trial, kTrials)},
                                         {"capacity", state.facts.capacity},
                                         {"length", state.length},
                                         {"confirmed_length", state.confirmed_length},
                                         {"boot", state.boot},
                                         {"needs_boot", state.needs_boot}};
  return system::write_file(folder / kStateName, as_bytes(json::dump(value)), system::FileMode::Private);
}

}  // namespace holdfast::linux::slots
