// What the decoder needs to know of an old ELF file: where its bytes are loaded, and which parts hold references. Read
// from untrusted bytes without complaint: what makes no sense is not there, which costs bytes of the delta and no more.
// 64-bit little-endian files only. Source: System V ABI, chapters 4 and 5; Linux 6.1 for the kernel's tables.
#pragma once

#include <optional>
#include <vector>

#include "delta/old/old_image.h"

namespace holdfast::delta::elf {

inline constexpr std::size_t kSectionsMax = 96;  ///< that hold references
inline constexpr std::size_t kHeadersMax = 512;  ///< of a section header table, read
inline constexpr std::uint16_t kMachineAmd64 = 62;

/// How references are laid out in a part of the file.
enum class Table : std::uint8_t {
  Code,            ///< operands of instructions
  Relocations,     ///< Elf64_Rela
  Symbols,         ///< Elf64_Sym
  SymbolNumbers,   ///< 32-bit indices into the symbols (.gnu.hash's buckets)
  UnwindIndex,     ///< .eh_frame_hdr's sorted table
  Unwind,          ///< .eh_frame
  Relative32,      ///< 32-bit distances from where they stand
  Words64,         ///< addresses, aligned
  Words32,         ///< the low halves of addresses, aligned
  ProgramHeaders,  ///< Elf64_Phdr
  SectionHeaders,  ///< Elf64_Shdr
};

struct Section {
  std::uint32_t begin = 0;   ///< in the file
  std::uint32_t length = 0;  ///< bytes
  std::uint64_t address = 0;
  Table table = Table::Code;
  std::uint32_t end() const { return begin + length; }
};

/// A PT_LOAD.
struct Load {
  std::uint64_t address = 0;
  std::uint32_t begin = 0;   ///< in the file
  std::uint32_t length = 0;  ///< bytes in the file
  std::uint64_t memory_length = 0;
  bool is_code = false;
};

struct ElfFile {
  std::vector<Load> loads;        ///< at most format::kLoadsMax, in the file's order
  std::vector<Section> sections;  ///< by begin, none over another
  std::uint32_t symbols_begin = 0;
  std::uint32_t strings_begin = 0;  ///< of the symbols' names
  std::uint64_t code_begin = 0;     ///< address
  std::uint64_t code_length = 0;
  bool is_fixed = false;  ///< ET_EXEC: code and data hold addresses as they are

  /// Of a byte of the file that is loaded.
  std::optional<std::uint64_t> address_of(std::uint32_t offset) const;
  /// The load that has this address in memory; none: kLoadsMax.
  std::size_t load_of(std::uint64_t address) const;
  /// Between the first and the last byte of code.
  bool is_code(std::uint64_t address) const { return address - code_begin < code_length; }
  bool is_loaded(std::uint64_t address) const { return load_of(address) < loads.size(); }
};

/// Fails only where the old image cannot be read.
Result<ElfFile> read_elf(const old::OldFile& file);

}  // namespace holdfast::delta::elf
