// The build id of an ELF file: the note NT_GNU_BUILD_ID in one of its PT_NOTE segments, by which its debugging symbols
// are found. 32 and 64 bits, little-endian. Read from bytes of any origin without complaint: what makes no sense has no
// build id. Source: System V ABI, chapter 5; Linux, elf(5).
#pragma once

#include <optional>

#include "base/bytes.h"

namespace holdfast::cli::release {

inline constexpr std::size_t kProgramHeadersMax = 128;  ///< of one file, looked at
inline constexpr std::size_t kNotesMax = 64;            ///< of one segment, looked at
inline constexpr std::size_t kBuildIdBytesMax = 64;

std::optional<Blob> build_id_in(Bytes file);

}  // namespace holdfast::cli::release
