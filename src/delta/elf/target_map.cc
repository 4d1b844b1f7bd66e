#include "delta/elf/target_map.h"

#include <algorithm>

namespace holdfast::delta::elf {
namespace {

std::size_t lesson_of(std::uint32_t address, std::size_t count) { return (address * 0x9E3779B1U >> 12) & (count - 1); }

}  // namespace

TargetMap::TargetMap(const ElfFile& old_file, std::span<const format::LoadShift> shifts,
                     std::span<const format::Match> matches)
    : lessons_(kLessons) {
  for (std::size_t i = 0; i < old_file.loads.size(); ++i) {
    const Load& load = old_file.loads[i];
    const format::LoadShift shift = i < shifts.size() ? shifts[i] : format::LoadShift{};
    loads_.push_back({load.address, load.memory_length, load.begin, load.length, shift.address, shift.beyond});
  }
  take_owners(matches);
  make_index();
}

void TargetMap::take_owners(std::span<const format::Match> matches) {
  std::vector<std::uint32_t> order(matches.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return matches[a].old_begin != matches[b].old_begin ? matches[a].old_begin < matches[b].old_begin : a < b;
  });
  owners_.reserve(matches.size());
  std::uint32_t end = 0;
  std::uint32_t length = 0;
  for (const std::uint32_t number : order) {
    const format::Match& match = matches[number];
    std::uint32_t begin = match.old_begin;
    if (!owners_.empty() && begin < end && match.length <= length) begin = end;
    if (begin >= match.old_end()) continue;
    const Owner owner{begin, match.new_begin - match.old_begin};
    if (!owners_.empty() && owners_.back().begin == begin) {
      owners_.back() = owner;
    } else {
      owners_.push_back(owner);
    }
    end = match.old_end();
    length = match.length;
  }
}

void TargetMap::make_index() {
  if (owners_.empty()) return;
  static_assert(format::kMatchesMax <= 0xFFFF);
  // Few owners are found in few buckets, which stay in the nearest cache.
  const std::size_t buckets_max = std::min(kIndexMax, 16 + 4 * owners_.size());
  while ((owners_.back().begin >> index_shift_) + 2 > buckets_max) ++index_shift_;
  index_.resize((owners_.back().begin >> index_shift_) + 1);
  std::uint32_t owner = 0;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    while (owner + 1 < owners_.size() && owners_[owner + 1].begin <= (i << index_shift_)) ++owner;
    index_[i] = static_cast<std::uint16_t>(owner);
  }
}

std::uint64_t TargetMap::new_address(std::uint64_t old_address) const {
  const auto low_half = static_cast<std::uint32_t>(old_address);
  const Lesson& lesson = lessons_[lesson_of(low_half, kLessons)];
  if (lesson.address == low_half && low_half != 0)
    return old_address + static_cast<std::uint64_t>(std::int64_t{lesson.shift});
  for (const LoadMap& load : loads_) {
    const std::uint64_t within = old_address - load.address;
    if (within >= load.memory_length) continue;
    if (within >= load.length) return old_address + static_cast<std::uint64_t>(load.beyond);
    const std::uint32_t shift = shift_at(load.begin + static_cast<std::uint32_t>(within));
    return old_address + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(shift)} + load.shift);
  }
  return old_address;
}

std::uint64_t TargetMap::place_shift(std::uint32_t old_offset) const {
  for (const LoadMap& load : loads_) {
    if (old_offset - load.begin >= load.length) continue;
    return load.address - load.begin + static_cast<std::uint64_t>(load.shift);
  }
  return 0;
}

void TargetMap::learn(std::uint64_t old_address, std::uint64_t new_address) {
  const auto low_half = static_cast<std::uint32_t>(old_address);
  lessons_[lesson_of(low_half, kLessons)] = {low_half, static_cast<std::int32_t>(new_address - old_address)};
}

}  // namespace holdfast::delta::elf
