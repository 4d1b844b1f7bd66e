// What is kept of a process that crashed: of the core that the kernel writes (ELF of type core, core(5)) its notes,
// which hold each thread's registers and the names of what was mapped; of each thread the end of its stack; and of each
// mapped program the page with its build id. Neither heap nor data: a core would hold what nobody may see. What is kept
// is a core again, for any debugger. Bytes from a process that may be hostile, read once and in their order.
#pragma once

#include <functional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::crash {

inline constexpr Reason kCoreMalformed{"core-malformed"};
inline constexpr std::size_t kCoreSegmentsMax = 4096;
inline constexpr std::size_t kCoreNotesBytesMax = 512 * 1024;
inline constexpr std::size_t kCoreThreadsMax = 32;
inline constexpr std::size_t kStackBytesMax = 32 * 1024;       ///< of each thread
inline constexpr std::size_t kCoreBytesMax = 2 * 1024 * 1024;  ///< of what is kept, beside the notes

/// Some more bytes, 0 at the end.
using CoreSource = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;

/// Corrupt (kCoreMalformed) where it is no core of this machine. One that ends early is kept as far as it goes.
Result<Blob> reduce_core(const CoreSource& source);

}  // namespace holdfast::linux::crash
