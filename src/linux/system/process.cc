#include "linux/system/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace holdfast::linux::system {

Result<void> keep_memory_private() {
  // The limit alone would not keep the kernel from piping a dump to a collector (core(5)).
  const rlimit none{0, 0};
  if (::prctl(PR_SET_DUMPABLE, 0) == 0 && ::setrlimit(RLIMIT_CORE, &none) == 0) return {};
  return fail(Next::Denied, kProcessExposed, cat("expected to switch core dumps off, saw: ", std::strerror(errno)));
}

}  // namespace holdfast::linux::system
