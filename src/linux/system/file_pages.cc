#include "linux/system/file_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <span>

namespace holdfast::linux::system {
namespace {

std::span<const ElfW(Phdr)> parts_of(const dl_phdr_info& object) { return {object.dlpi_phdr, object.dlpi_phnum}; }

/// Whether the loader wrote into what it mapped read-only (text relocations): those pages are in no file.
bool has_written_code(const dl_phdr_info& object) {
  for (const ElfW(Phdr) & part : parts_of(object)) {
    if (part.p_type != PT_DYNAMIC) continue;
    for (const auto* entry = std::bit_cast<const ElfW(Dyn)*>(object.dlpi_addr + part.p_vaddr); entry->d_tag != DT_NULL;
         ++entry) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

int release(dl_phdr_info* object, std::size_t /*size*/, void* /*nothing*/) {
  if (has_written_code(*object)) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const ElfW(Phdr) & part : parts_of(*object)) {
    // What becomes read-only after relocation is part of a writable segment, so that it stays.
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const std::uintptr_t first = object->dlpi_addr + part.p_vaddr;
    const std::uintptr_t begin = first & ~(page - 1);
    const std::uintptr_t end = (first + part.p_memsz + page - 1) & ~(page - 1);
    ::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_file_pages() { ::dl_iterate_phdr(release, nullptr); }

}  // namespace holdfast::linux::system
