#include "linux/system/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::system {

Result<Blob> read_kernel_file(const std::filesystem::path& file, std::size_t bytes_max) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  Blob out(bytes_max);
  std::size_t size = 0;
  ssize_t part = opened.is_open() ? 1 : -1;
  while (part > 0 && size < out.size()) {
    part = ::read(opened.number(), &out[size], out.size() - size);
    if (part > 0) size += static_cast<std::size_t>(part);
  }
  if (part < 0) {
    return fail(Next::Retry, kKernelFileFailed,
                cat("expected to read ", file.string(), ", saw: ", std::strerror(errno)));
  }
  out.resize(size);
  return out;
}

}  // namespace holdfast::linux::system
