// Where an old file's addresses and offsets are in the new one: through the matches where they cover them, by the
// nearest match before where they do not, and as corrections have taught since. Of old ranges that several matches
// claim, the longest match has them.
#pragma once

#include <algorithm>
#include <span>

#include "delta/elf/elf_file.h"

namespace holdfast::delta::elf {

class TargetMap {
 public:
  TargetMap(const ElfFile& old_file, std::span<const format::LoadShift> shifts, std::span<const format::Match> matches);

  std::uint32_t new_offset(std::uint32_t old_offset) const { return old_offset + shift_at(old_offset); }
  std::uint64_t new_address(std::uint64_t old_address) const;
  /// By how much the new addresses of new bytes exceed their offsets, where their old bytes are in the load of this
  /// one.
  std::uint64_t place_shift(std::uint32_t old_offset) const;
  /// From now on this address is there.
  void learn(std::uint64_t old_address, std::uint64_t new_address);

 private:
  struct Owner {
    std::uint32_t begin;  ///< old offset; it owns up to the next one's
    std::uint32_t shift;  ///< new offset - old offset, modulo 2^32
  };
  struct Lesson {
    std::uint32_t address = 0;  ///< its low half
    std::int32_t shift = 0;
  };
  struct LoadMap {
    std::uint64_t address;
    std::uint64_t memory_length;
    std::uint32_t begin;
    std::uint32_t length;
    std::int64_t shift;   ///< of addresses against offsets
    std::int64_t beyond;  ///< of addresses after the bytes in the file
  };
  static constexpr std::size_t kLessons = 8'192;
  static constexpr std::size_t kIndexMax = 32'768;

  void take_owners(std::span<const format::Match> matches);
  void make_index();
  std::uint32_t shift_at(std::uint32_t old_offset) const;

  std::vector<LoadMap> loads_;
  std::vector<Owner> owners_;
  std::vector<std::uint16_t> index_;  ///< by old_offset >> index_shift_: the last owner that begins before or at it
  unsigned index_shift_ = 0;
  std::vector<Lesson> lessons_;
};

inline std::uint32_t TargetMap::shift_at(std::uint32_t old_offset) const {
  if (owners_.empty()) return 0;
  const std::size_t bucket = old_offset >> index_shift_;
  std::size_t low = index_[std::min(bucket, index_.size() - 1)];
  std::size_t high = bucket + 1 < index_.size() ? index_[bucket + 1] : owners_.size() - 1;
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    if (owners_[middle].begin <= old_offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return owners_[low].shift;
}

}  // namespace holdfast::delta::elf
