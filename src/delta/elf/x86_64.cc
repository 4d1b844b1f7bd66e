#include "delta/elf/x86_64.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "delta/elf/words.h"

namespace holdfast::delta::elf {
namespace {

constexpr std::uint8_t kCall = 0xE8;
constexpr std::uint8_t kTwoByte = 0x0F;
constexpr unsigned kNoModRm = 0xFF;

/// By opcode of one byte: the bytes of immediate after a ModRM operand, or that it has none of either.
constexpr std::array<std::uint8_t, 256> kImmediates = [] {
  std::array<std::uint8_t, 256> sizes{};
  sizes.fill(kNoModRm);
  for (unsigned group = 0; group < 0x40; group += 8) {
    for (unsigned i = 0; i < 4; ++i) sizes[group + i] = 0;
  }
  for (const unsigned opcode :
       {0x63U, 0x84U, 0x85U, 0x86U, 0x87U, 0x88U, 0x89U, 0x8AU, 0x8BU, 0x8DU, 0x8FU, 0xD0U, 0xD1U,
        0xD2U, 0xD3U, 0xD8U, 0xD9U, 0xDAU, 0xDBU, 0xDCU, 0xDDU, 0xDEU, 0xDFU, 0xFEU, 0xFFU}) {
    sizes[opcode] = 0;
  }
  for (const unsigned opcode : {0x6BU, 0x80U, 0x83U, 0xC0U, 0xC1U, 0xC6U, 0xF6U}) sizes[opcode] = 1;
  for (const unsigned opcode : {0x69U, 0x81U, 0xC7U, 0xF7U}) sizes[opcode] = 4;
  return sizes;
}();

constexpr bool has_immediate_after_0f(std::uint8_t opcode) {
  return (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xA4 || opcode == 0xAC || opcode == 0xBA || opcode == 0xC2 ||
         (opcode >= 0xC4 && opcode <= 0xC6);
}

/// How many bytes of immediate follow the displacement of the ModRM byte at `at`; kNoModRm: it is none.
unsigned immediate_bytes(const std::uint8_t* at) {
  const std::uint8_t opcode = at[-1];
  if (at[-2] == kTwoByte) return has_immediate_after_0f(opcode) ? 1 : 0;
  if (at[-3] == kTwoByte && (at[-2] == 0x38 || at[-2] == 0x3A)) return at[-2] == 0x3A ? 1 : 0;
  if (at[-3] == 0xC5 || at[-4] == 0xC4) return 0;
  const unsigned size = kImmediates[opcode];
  const bool is_test = (at[0] & 0x38) <= 0x08;
  if (opcode == 0xF6 || opcode == 0xF7) return is_test ? size : 0;
  const bool is_short = size == 4 && (at[-2] == 0x66 || at[-3] == 0x66);
  return is_short ? 2 : size;
}

class Scan {
 public:
  Scan(const ElfFile& elf, const Section& code, const View& view, SiteList& sites)
      : elf_(elf), code_(code), view_(view), sites_(sites) {}

  /// Where to look on: after the operand, where there was one.
  std::uint32_t at(std::uint32_t place) {
    const std::uint8_t* bytes = view_.at(place);
    if ((bytes[0] & 0xFE) == kCall) return add(place + 1, 0, true) ? place + 5 : place + 1;
    if (bytes[0] == kTwoByte) return add(place + 2, 0, true) ? place + 6 : place + 1;
    const unsigned immediate = immediate_bytes(bytes);
    return immediate != kNoModRm && add(place + 1, immediate, false) ? place + 5 : place + 1;
  }

 private:
  bool add(std::uint32_t operand, unsigned after, bool to_code) {
    const std::uint64_t base = 4 + after;
    const auto distance = word_at<std::int32_t>(view_.at(operand));
    const std::uint64_t target = code_.address + (operand - code_.begin) + base + static_cast<std::uint64_t>(distance);
    if (!(to_code ? elf_.is_code(target) : elf_.is_loaded(target))) return false;
    sites_.add({operand, Form::Relative32, target, base});
    return true;
  }

  const ElfFile& elf_;
  const Section& code_;
  const View& view_;
  SiteList& sites_;
};

constexpr std::uint32_t kLanes = 16;
constexpr std::uint32_t kBlockBytes = 64;
using Lanes [[gnu::vector_size(kLanes)]] = std::uint8_t;

Lanes lanes_at(const std::uint8_t* bytes) {
  Lanes lanes;
  std::memcpy(&lanes, bytes, kLanes);
  return lanes;
}

/// Whether these may be the highest bytes of distances: of at most 64 MiB either way, or between a kernel and what it
/// has at address 0.
Lanes are_high(Lanes bytes) { return ((bytes + 4) & 0x78) == 0; }

/// Of 64 bytes, those at which a reference may begin.
std::uint64_t candidates(const std::uint8_t* bytes) {
  std::uint64_t found = 0;
  for (std::uint32_t at = 0; at < kBlockBytes; at += kLanes) {
    const Lanes here = lanes_at(bytes + at);
    const Lanes next = lanes_at(bytes + at + 1);
    const Lanes one = (((here & 0xC7) == 0x05) | ((here & 0xFE) == kCall)) & are_high(lanes_at(bytes + at + 4));
    const Lanes two = (here == kTwoByte) & ((next & 0xF0) == 0x80) & are_high(lanes_at(bytes + at + 5));
    const Lanes both = (one | two) & 1;
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), &both, kLanes);
    for (unsigned half = 0; half < halves.size(); ++half) {
      // Gathers the lowest bit of each byte in the highest byte.
      found |= (halves[half] * 0x0102040810204080 >> 56) << (at + 8 * half);
    }
  }
  return found;
}

}  // namespace

void find_x86_64_sites(const ElfFile& elf, const Section& code, std::uint32_t begin, std::uint32_t end,
                       const View& view, SiteList& sites) {
  begin = std::max(begin, view.begin + kCodeBehind);
  if (view.end < kCodeAhead + begin) return;
  end = std::min(end, view.end - kCodeAhead);
  Scan scan(elf, code, view, sites);
  std::uint32_t next = begin;
  for (std::uint32_t block = begin; block < end; block += kBlockBytes) {
    for (std::uint64_t left = candidates(view.at(block)); left != 0; left &= left - 1) {
      const std::uint32_t place = block + static_cast<std::uint32_t>(std::countr_zero(left));
      if (place >= end) break;
      if (place >= next) next = scan.at(place);
    }
  }
}

}  // namespace holdfast::delta::elf
