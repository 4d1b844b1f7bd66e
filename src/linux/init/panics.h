// What the kernel of a boot before left when it stopped: pstore keeps the end of its log in the firmware's variables,
// where each file is a part of it. They are few and wear the flash; so they are read once, and erased.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kPanicsFailed{"panics-failed"};
inline constexpr std::size_t kPanicBytesMax = 64 * 1024;

/// All parts in their order, cut at kPanicBytesMax; empty where there are none.
Result<std::string> read_panics(const std::filesystem::path& pstore = "/sys/fs/pstore");
/// Once what was read is kept.
Result<void> erase_panics(const std::filesystem::path& pstore = "/sys/fs/pstore");
/// The line that says why, or nothing.
std::string why_panicked(const std::string& log);

}  // namespace holdfast::linux::init
