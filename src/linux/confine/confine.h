// What a process gives up for good before its program begins: files that it has no business with (Landlock), and system
// calls that it does not need (seccomp). Both hold for whatever it becomes and starts.
#pragma once

#include <span>
#include <string>

namespace holdfast::linux::confine {

/// A file, or a folder with all below it.
struct Reach {
  enum class May { Read, ReadAndExecute, Write };  ///< Write: and read, make, rename, remove
  std::string path;
  May may = May::Read;
};
/// Everything else is out of reach; a path that is not there is left out. False where the kernel does not do it, with
/// errno.
bool confine_files(std::span<const Reach> within);

/// System calls, and what becomes of others: EPERM. None: every call but those that nobody here has any use for, which
/// reach into the kernel, other processes or mounts. False with errno.
bool confine_calls(std::span<const int> to);

}  // namespace holdfast::linux::confine
