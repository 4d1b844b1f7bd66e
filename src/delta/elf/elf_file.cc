#include "delta/elf/elf_file.h"

#include <algorithm>
#include <array>

#include "delta/elf/words.h"

namespace holdfast::delta::elf {
namespace {

constexpr std::size_t kElfHeaderBytes = 64;
constexpr std::size_t kProgramHeaderBytes = 56;
constexpr std::size_t kSectionHeaderBytes = 64;
constexpr std::size_t kNameBytesMax = 24;
constexpr std::size_t kNamesBytesMax = 16 * 1024;

constexpr std::uint32_t kPtLoad = 1;
constexpr std::uint32_t kPfExecute = 1;
constexpr std::uint16_t kEtExec = 2;
constexpr std::uint32_t kShtSymtab = 2;
constexpr std::uint32_t kShtRela = 4;
constexpr std::uint32_t kShtDynamic = 6;
constexpr std::uint32_t kShtNobits = 8;
constexpr std::uint32_t kShtDynsym = 11;
constexpr std::uint32_t kShtGnuHash = 0x6FFFFFF6;
constexpr std::uint64_t kShfExecute = 4;
constexpr std::uint64_t kShfWrite = 1;

struct SectionHeader {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t link = 0;
};

struct NamedTable {
  std::string_view name;
  Table table;
};

/// Linux 6.1, include/asm-generic/vmlinux.lds.h and arch/x86/kernel/vmlinux.lds.S.
constexpr std::array kNamedTables{
    NamedTable{".eh_frame", Table::Unwind},
    NamedTable{".eh_frame_hdr", Table::UnwindIndex},
    NamedTable{".orc_unwind_ip", Table::Relative32},
    NamedTable{"__ex_table", Table::Relative32},
    NamedTable{"__bug_table", Table::Relative32},
    NamedTable{"__ksymtab", Table::Relative32},
    NamedTable{"__ksymtab_gpl", Table::Relative32},
    NamedTable{".pci_fixup", Table::Relative32},
    NamedTable{".retpoline_sites", Table::Relative32},
    NamedTable{".return_sites", Table::Relative32},
    NamedTable{".altinstructions", Table::Relative32},
    NamedTable{".smp_locks", Table::Relative32},
    NamedTable{"__param", Table::Words64},
    NamedTable{".parainstructions", Table::Words64},
};

std::optional<Table> table_of(const SectionHeader& header, bool is_fixed) {
  if (header.type == kShtNobits) return std::nullopt;
  if (header.type == kShtRela) return Table::Relocations;
  if (header.type == kShtDynsym || header.type == kShtSymtab) return Table::Symbols;
  if (header.type == kShtDynamic) return Table::Words64;
  if (header.type == kShtGnuHash) return Table::SymbolNumbers;
  if ((header.flags & kShfExecute) != 0) return Table::Code;
  for (const NamedTable& named : kNamedTables) {
    if (named.name == header.name) return named.table;
  }
  const bool is_pointed = header.name.starts_with(".init_array") || header.name.starts_with(".fini_array") ||
                          header.name.starts_with(".got") || (header.flags & kShfWrite) != 0 ||
                          (is_fixed && header.name.starts_with(".rodata"));
  if (is_pointed) return Table::Words64;
  return std::nullopt;
}

/// One reading of an old file's headers; what cannot be right is left out.
class Reading {
 public:
  Reading(const old::OldFile& file, ElfFile& elf) : file_(file), elf_(elf) {}

  Result<void> run() {
    if (file_.length() < kElfHeaderBytes) return {};
    TRY(file_.read(0, header_));
    const bool is_known = as_text(Bytes(header_).first(6)) == std::string_view(
                                                                  "\x7F"
                                                                  "ELF\x02\x01",
                                                                  6) &&
                          word_at<std::uint16_t>(&header_[18]) == kMachineAmd64;
    if (!is_known) return {};
    elf_.is_fixed = word_at<std::uint16_t>(&header_[16]) == kEtExec;
    TRY(read_loads());
    note_code();
    TRY(read_sections());
    tidy_sections();
    return {};
  }

 private:
  Result<void> read_loads() {
    const auto begin = word_at<std::uint64_t>(&header_[32]);
    const std::size_t count = std::min<std::size_t>(word_at<std::uint16_t>(&header_[56]), kHeadersMax);
    if (!fits(begin, count * kProgramHeaderBytes)) return {};
    add_section(begin, count * kProgramHeaderBytes, 0, Table::ProgramHeaders);
    Blob headers(count * kProgramHeaderBytes);
    TRY(file_.read(static_cast<std::uint32_t>(begin), headers));
    for (std::size_t i = 0; i < count && elf_.loads.size() < format::kLoadsMax; ++i) {
      const std::uint8_t* raw = &headers[i * kProgramHeaderBytes];
      const auto offset = word_at<std::uint64_t>(&raw[8]);
      const auto length = word_at<std::uint64_t>(&raw[32]);
      if (word_at<std::uint32_t>(&raw[0]) != kPtLoad || !fits(offset, length)) continue;
      elf_.loads.push_back({.address = word_at<std::uint64_t>(&raw[16]),
                            .begin = static_cast<std::uint32_t>(offset),
                            .length = static_cast<std::uint32_t>(length),
                            .memory_length = std::max(length, word_at<std::uint64_t>(&raw[40])),
                            .is_code = (word_at<std::uint32_t>(&raw[4]) & kPfExecute) != 0});
    }
    return {};
  }

  void note_code() {
    std::uint64_t end = 0;
    for (const Load& load : elf_.loads) {
      if (!load.is_code) continue;
      elf_.code_begin = end == 0 ? load.address : std::min(elf_.code_begin, load.address);
      end = std::max(end, load.address + load.length);
    }
    elf_.code_length = end - elf_.code_begin;
  }

  SectionHeader section(std::size_t number) const {
    const std::uint8_t* raw = &headers_[number * kSectionHeaderBytes];
    SectionHeader header;
    header.name = name(word_at<std::uint32_t>(raw));
    header.type = word_at<std::uint32_t>(raw + 4);
    header.flags = word_at<std::uint64_t>(raw + 8);
    header.address = word_at<std::uint64_t>(raw + 16);
    header.offset = word_at<std::uint64_t>(raw + 24);
    header.size = word_at<std::uint64_t>(raw + 32);
    header.link = word_at<std::uint32_t>(raw + 40);
    return header;
  }

  std::string_view name(std::uint32_t index) const {
    if (index >= names_.size()) return {};
    const std::string_view text = as_text(Bytes(names_).subspan(index));
    return text.substr(0, std::min(text.find('\0'), kNameBytesMax));
  }

  Result<void> read_names(const SectionHeader& strings) {
    if (strings.offset >= file_.length()) return {};
    names_.resize(std::min(kNamesBytesMax, file_.length() - static_cast<std::size_t>(strings.offset)));
    return file_.read(static_cast<std::uint32_t>(strings.offset), names_);
  }

  Result<void> read_sections() {
    const auto begin = word_at<std::uint64_t>(&header_[40]);
    const std::size_t count = std::min<std::size_t>(word_at<std::uint16_t>(&header_[60]), kHeadersMax);
    if (begin == 0 || count == 0 || !fits(begin, count * kSectionHeaderBytes)) return {};
    headers_.resize(count * kSectionHeaderBytes);
    TRY(file_.read(static_cast<std::uint32_t>(begin), headers_));
    const std::size_t names = word_at<std::uint16_t>(&header_[62]);
    if (names < count) TRY(read_names(section(names)));
    std::uint64_t loaded_end = 0;
    for (std::size_t i = 1; i < count; ++i) {
      const SectionHeader header = section(i);
      TRY(note(header, count));
      if (header.type != kShtNobits && fits(header.offset, header.size)) {
        loaded_end = std::max(loaded_end, header.offset + header.size);
      }
    }
    add_section(begin, count * kSectionHeaderBytes, 0, Table::SectionHeaders);
    note_relocation_sites(std::max(loaded_end, begin + count * kSectionHeaderBytes));
    return {};
  }

  Result<void> note(const SectionHeader& header, std::size_t count) {
    const auto table = table_of(header, elf_.is_fixed);
    if (!table || !fits(header.offset, header.size)) return {};
    if (*table == Table::SymbolNumbers) return note_buckets(header);
    add_section(header.offset, header.size, header.address, *table);
    if (*table != Table::Symbols) return {};
    elf_.symbols_begin = static_cast<std::uint32_t>(header.offset);
    if (header.link >= count) return {};
    const std::uint64_t strings = section(header.link).offset;
    if (strings < file_.length()) elf_.strings_begin = static_cast<std::uint32_t>(strings);
    return {};
  }

  Result<void> note_buckets(const SectionHeader& header) {
    ByteArray<16> raw;
    if (header.size < raw.size()) return {};
    TRY(file_.read(static_cast<std::uint32_t>(header.offset), raw));
    const std::uint64_t begin = raw.size() + std::uint64_t{word_at<std::uint32_t>(&raw[8])} * 8;
    const std::uint64_t length = std::uint64_t{word_at<std::uint32_t>(&raw[0])} * 4;
    if (begin + length <= header.size) add_section(header.offset + begin, length, 0, Table::SymbolNumbers);
    return {};
  }

  /// A kernel that moves itself carries after its ELF file where it must be changed.
  void note_relocation_sites(std::uint64_t begin) {
    if (elf_.is_fixed && begin % 4 == 0 && begin < file_.length()) {
      add_section(begin, file_.length() - begin, 0, Table::Words32);
    }
  }

  bool fits(std::uint64_t offset, std::uint64_t length) const {
    return offset <= file_.length() && length <= file_.length() - offset;
  }

  void add_section(std::uint64_t begin, std::uint64_t length, std::uint64_t address, Table table) {
    if (length == 0 || elf_.sections.size() == kSectionsMax) return;
    elf_.sections.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length), address, table});
  }

  void tidy_sections() {
    std::ranges::stable_sort(elf_.sections, {}, &Section::begin);
    std::vector<Section> kept;
    for (const Section& section : elf_.sections) {
      if (kept.empty() || kept.back().end() <= section.begin) kept.push_back(section);
    }
    elf_.sections = std::move(kept);
  }

  const old::OldFile& file_;
  ElfFile& elf_;
  ByteArray<kElfHeaderBytes> header_{};
  Blob headers_;  ///< of sections
  Blob names_;    ///< of sections, as far as they are looked at
};

}  // namespace

std::optional<std::uint64_t> ElfFile::address_of(std::uint32_t offset) const {
  for (const Load& load : loads) {
    if (offset - load.begin < load.length) return load.address + (offset - load.begin);
  }
  return std::nullopt;
}

std::size_t ElfFile::load_of(std::uint64_t address) const {
  std::size_t number = 0;
  while (number < loads.size() && address - loads[number].address >= loads[number].memory_length) ++number;
  return number < loads.size() ? number : format::kLoadsMax;
}

Result<ElfFile> read_elf(const old::OldFile& file) {
  ElfFile elf;
  TRY(Reading(file, elf).run());
  return elf;
}

}  // namespace holdfast::delta::elf
