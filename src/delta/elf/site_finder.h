// The references in any range of an old file. The file is walked once, beforehand, for what cannot be told from a few
// bytes: where the records of .eh_frame begin. Memory is bounded whatever the file says.
#pragma once

#include "delta/elf/site.h"

namespace holdfast::delta::elf {

inline constexpr std::uint32_t kBehind = 16;                          ///< bytes wanted before a window
inline constexpr std::uint32_t kAhead = 96;                           ///< and after it
inline constexpr std::uint32_t kViewBehind = kWindowBytes + kBehind;  ///< what a rewriter has before a piece
inline constexpr std::uint32_t kViewAhead = kWindowBytes + kAhead;    ///< and after it

class SiteFinder {
 public:
  static Result<SiteFinder> make(const old::OldFile& file);

  const ElfFile& elf() const { return elf_; }
  /// Appends the sites of window `number` of a section, in the order of their offsets.
  void find(const Section& section, std::uint32_t number, const View& view, SiteList& sites) const;

 private:
  struct Cie {
    std::uint32_t offset;
    bool has_lsda;
  };
  static constexpr std::size_t kWindowsMax = 65'536;
  static constexpr std::size_t kCiesMax = 256;
  static constexpr std::uint16_t kNoRecord = 0xFFFF;

  Result<void> walk_unwind(const old::OldFile& file, const Section& section);
  void find_unwind(const Section& section, std::uint32_t number, std::uint32_t end, const View& view,
                   SiteList& sites) const;
  void find_in_frame(const Section& section, std::uint32_t record, const View& view, SiteList& sites) const;

  ElfFile elf_;
  std::vector<std::uint16_t> records_;  ///< of .eh_frame, by window: where the first record begins in it
  std::vector<Cie> cies_;
};

}  // namespace holdfast::delta::elf
