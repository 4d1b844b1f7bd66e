#include "delta/elf/tables.h"

#include <algorithm>

#include "delta/elf/words.h"

namespace holdfast::delta::elf {
namespace {

/// System V ABI, AMD64 supplement, table 4.10.
constexpr std::uint32_t kRelocation64 = 1;
constexpr std::uint32_t kRelocationGlobData = 6;
constexpr std::uint32_t kRelocationJumpSlot = 7;
constexpr std::uint32_t kRelocationRelative = 8;
constexpr std::uint32_t kRelocationIrelative = 37;
constexpr std::uint64_t kKernelHalf = 0xFFFFFFFF00000000;

constexpr std::uint32_t entry_bytes(Table table) {
  switch (table) {
    case Table::Relocations: return 24;
    case Table::Symbols: return kSymbolBytes;
    case Table::UnwindIndex:
    case Table::Words64: return 8;
    case Table::ProgramHeaders: return 56;
    case Table::SectionHeaders: return 64;
    default: return 4;
  }
}

class Entry {
 public:
  Entry(const ElfFile& elf, const Section& section, std::uint32_t at, const std::uint8_t* bytes, SiteList& sites)
      : elf_(elf), section_(section), at_(at), bytes_(bytes), sites_(sites) {}

  void find() const {
    switch (section_.table) {
      case Table::Relocations: return find_relocation();
      case Table::Symbols: return find_symbol();
      case Table::SymbolNumbers: return symbol_number(0);
      case Table::UnwindIndex: return find_unwind_index();
      case Table::Relative32: return relative(0);
      case Table::Words64: return absolute(0);
      case Table::Words32: return find_low_half();
      case Table::ProgramHeaders:
        offset(8);
        absolute(16);
        return absolute(24);
      case Table::SectionHeaders: absolute(16); return offset(24);
      case Table::Code:
      case Table::Unwind: return;
    }
  }

 private:
  void find_relocation() const {
    absolute(0);
    const auto type = word_at<std::uint32_t>(bytes_ + 8);
    if (type == kRelocation64 || type == kRelocationGlobData || type == kRelocationJumpSlot) return symbol_number(12);
    if (type == kRelocationRelative || type == kRelocationIrelative) absolute(16);
  }

  void find_symbol() const {
    sites_.add({at_, Form::StringOffset32, std::uint64_t{elf_.strings_begin} + word_at<std::uint32_t>(bytes_), 0});
    absolute(8);
  }

  void symbol_number(std::uint32_t within) const {
    const auto number = word_at<std::uint32_t>(bytes_ + within);
    if (number == 0) return;
    sites_.add({at_ + within, Form::SymbolNumber32,
                std::uint64_t{elf_.symbols_begin} + std::uint64_t{number} * kSymbolBytes, 0});
  }

  void find_unwind_index() const {
    if (at_ == section_.begin) return relative(4);
    // The first entry begins at 12, so that entries of 8 bytes counted from 0 hold a second half and a first one.
    for (const std::uint32_t within : {0U, 4U}) {
      const auto distance = word_at<std::int32_t>(bytes_ + within);
      const std::uint64_t target = section_.address + static_cast<std::uint64_t>(std::int64_t{distance});
      if (at_ + within >= section_.begin + 12 && elf_.is_loaded(target)) {
        sites_.add({at_ + within, Form::Based32, target, section_.address});
      }
    }
  }

  void relative(std::uint32_t within) const {
    const auto distance = word_at<std::int32_t>(bytes_ + within);
    const std::uint64_t place = section_.address + (at_ - section_.begin) + within;
    const std::uint64_t target = place + static_cast<std::uint64_t>(std::int64_t{distance});
    if (distance != 0 && elf_.is_loaded(target)) sites_.add({at_ + within, Form::Relative32, target, 0});
  }

  void absolute(std::uint32_t within) const {
    const auto address = word_at<std::uint64_t>(bytes_ + within);
    if (address != 0 && elf_.is_loaded(address)) sites_.add({at_ + within, Form::Absolute64, address, 0});
  }

  void find_low_half() const {
    const std::uint64_t address = kKernelHalf | word_at<std::uint32_t>(bytes_);
    if (elf_.is_loaded(address)) sites_.add({at_, Form::Absolute32, address, 0});
  }

  void offset(std::uint32_t within) const {
    sites_.add({at_ + within, Form::Offset64, word_at<std::uint64_t>(bytes_ + within), 0});
  }

  const ElfFile& elf_;
  const Section& section_;
  std::uint32_t at_;
  const std::uint8_t* bytes_;
  SiteList& sites_;
};

}  // namespace

void find_table_sites(const ElfFile& elf, const Section& section, std::uint32_t begin, std::uint32_t end,
                      const View& view, SiteList& sites) {
  const std::uint32_t step = entry_bytes(section.table);
  const std::uint64_t first = (std::uint64_t{begin} - section.begin + step - 1) / step;
  for (std::uint64_t at = section.begin + first * step; at < end; at += step) {
    if (at + step > section.end() || !view.has(at, at + step)) continue;
    const auto place = static_cast<std::uint32_t>(at);
    Entry(elf, section, place, view.at(place), sites).find();
  }
}

}  // namespace holdfast::delta::elf
