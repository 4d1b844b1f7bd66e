// References in tables whose entries can be told from where they stand in their section.
#pragma once

#include "delta/elf/site.h"

namespace holdfast::delta::elf {

/// Appends the sites of entries that begin in [begin, end), which lies in `section`; `view` has some bytes around it.
void find_table_sites(const ElfFile& elf, const Section& section, std::uint32_t begin, std::uint32_t end,
                      const View& view, SiteList& sites);

}  // namespace holdfast::delta::elf
