#include "linux/init/control_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::init {
namespace {

std::unexpected<Error> failed(const std::filesystem::path& file) {
  return fail(Next::Retry, kControlGroupFailed,
              cat("expected to write ", file.string(), ", saw: ", std::strerror(errno)));
}

Result<void> put(const std::filesystem::path& file, const std::string& words) {
  const system::Descriptor opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (opened.is_open() && ::write(opened.number(), words.data(), words.size()) == std::ssize(words)) return {};
  return failed(file);
}

}  // namespace

Result<std::filesystem::path> make_control_group(const std::string& name, const Limits& limits,
                                                 const std::filesystem::path& root) {
  TRY(put(root / "cgroup.subtree_control", "+memory +pids"));
  std::filesystem::path out = root / name;
  if (::mkdir(out.c_str(), 0755) != 0 && errno != EEXIST) return failed(out);
  TRY(put(out / "memory.max", cat(limits.memory_bytes)));
  TRY(put(out / "pids.max", cat(limits.processes)));
  return out;
}

}  // namespace holdfast::linux::init
