#include "linux/system/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace holdfast::linux::system {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    // A signal may interrupt the wait for the first seed, or a request above 256 bytes.
    CHECK_INVARIANT(got >= 0 || errno == EINTR);
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace holdfast::linux::system
