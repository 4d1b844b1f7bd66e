// A place in an old file whose bytes say where something else is, and the arithmetic between those bytes and what they
// mean.
#pragma once

#include <array>

#include "delta/elf/elf_file.h"

namespace holdfast::delta::elf {

enum class Form : std::uint8_t {
  Relative32,      ///< target - base, the base being a place after the operand
  Back32,          ///< place - target
  Based32,         ///< target - base, both of which move
  Absolute32,      ///< the low half of an address
  Absolute64,      ///< an address
  Offset64,        ///< an offset in the file
  SymbolNumber32,  ///< of a symbol, whose place in the file is the target
  StringOffset32,  ///< of a name in the symbols' strings
};

struct Site {
  std::uint32_t offset = 0;  ///< of the operand, in the file
  Form form = Form::Relative32;
  std::uint64_t target = 0;  ///< an address, or an offset in the file where the form says so
  std::uint64_t base = 0;    ///< Relative32: how far after the operand's first byte; Based32: an address
};

constexpr std::size_t width_of(Form form) { return form == Form::Absolute64 || form == Form::Offset64 ? 8 : 4; }
constexpr bool is_address(Form form) {
  return form != Form::Offset64 && form != Form::SymbolNumber32 && form != Form::StringOffset32;
}
inline constexpr std::uint32_t kSymbolBytes = 24;

inline constexpr std::uint32_t kWindowBytes = 256;  ///< sites are found in so many bytes of a section at a time

/// The sites of a window; no more than one for each of its bytes.
class SiteList {
 public:
  void clear() { size_ = 0; }
  void add(const Site& site) {
    if (size_ < sites_.size()) sites_[size_++] = site;
  }
  const Site* begin() const { return sites_.data(); }
  const Site* end() const { return sites_.data() + size_; }

 private:
  std::array<Site, kWindowBytes> sites_;
  std::size_t size_ = 0;
};

/// Bytes of a file, from `begin` up to `end`.
struct View {
  const std::uint8_t* bytes = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  const std::uint8_t* at(std::uint32_t offset) const { return bytes + (offset - begin); }
  bool has(std::uint64_t from, std::uint64_t to) const { return from >= begin && to <= end; }
};

}  // namespace holdfast::delta::elf
