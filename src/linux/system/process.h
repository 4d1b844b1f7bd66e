// What a process does first that will hold keys or tokens.
#pragma once

#include "base/result.h"

namespace holdfast::linux::system {

inline constexpr Reason kProcessExposed{"process-exposed"};

/// From now on nothing writes this process's memory to a core dump, and no other process of the same user can attach to
/// it or read its memory (PR_SET_DUMPABLE(2const), RLIMIT_CORE).
Result<void> keep_memory_private();

}  // namespace holdfast::linux::system
