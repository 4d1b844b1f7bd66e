// References in x86-64 code: the operands of calls and jumps, RIP-relative addresses, and in programs that are linked
// to one place the addresses themselves. Found by what surrounds them, not by decoding every instruction; what looks
// like a reference and is none costs bytes of the delta. Source: Intel SDM, volume 2, chapter 2 and appendix A.
#pragma once

#include "delta/elf/site.h"

namespace holdfast::delta::elf {

inline constexpr std::uint32_t kCodeBehind = 4;  ///< bytes looked at before a window
inline constexpr std::uint32_t kCodeAhead = 80;  ///< and after it

/// Appends the sites that begin in [begin, end), which lies in `code`; `view` has some bytes around it.
void find_x86_64_sites(const ElfFile& elf, const Section& code, std::uint32_t begin, std::uint32_t end,
                       const View& view, SiteList& sites);

}  // namespace holdfast::delta::elf
