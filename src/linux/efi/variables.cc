#include "linux/efi/variables.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/byte_io.h"
#include "base/text.h"
#include "firmware/variable_store.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::efi {
namespace {

constexpr std::size_t kAttributesBytes = 4;

std::unexpected<Error> failed(std::string_view what, VariableName variable) {
  return fail(Next::Retry, kEfiVariableFailed,
              cat("expected to ", what, " the variable ", variable.name, ", saw: ", std::strerror(errno)));
}

/// Of a variable that Linux does not know, which is not to be changed by mistake.
void let_change(const std::filesystem::path& file) {
  const system::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  int flags = 0;
  if (!opened.is_open() || ::ioctl(opened.number(), FS_IOC_GETFLAGS, &flags) != 0) return;
  flags &= ~FS_IMMUTABLE_FL;
  ::ioctl(opened.number(), FS_IOC_SETFLAGS, &flags);
}

}  // namespace

std::filesystem::path Variables::file_of(VariableName variable) const {
  return folder_ / cat(variable.name, '-', firmware::to_text(variable.vendor));
}

Result<std::optional<Blob>> Variables::read(VariableName variable) const {
  const system::Descriptor opened(::open(file_of(variable).c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open() && errno == ENOENT) return std::optional<Blob>();
  Blob out(kAttributesBytes + kEfiVariableBytesMax);
  const ssize_t size = opened.is_open() ? ::read(opened.number(), out.data(), out.size()) : -1;
  if (size < static_cast<ssize_t>(kAttributesBytes)) return failed("read", variable);
  out.resize(static_cast<std::size_t>(size));
  out.erase(out.begin(), out.begin() + kAttributesBytes);
  return std::optional(std::move(out));
}

Result<void> Variables::write(VariableName variable, Bytes data) {
  const auto file = file_of(variable);
  let_change(file);
  const system::Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const Blob bytes = ByteWriter(Endian::Little)
                         .u32(firmware::kNonVolatile | firmware::kBootServices | firmware::kRuntime)
                         .bytes(data)
                         .take();
  if (opened.is_open() && ::write(opened.number(), bytes.data(), bytes.size()) == std::ssize(bytes)) return {};
  return failed("write", variable);
}

Result<void> Variables::remove(VariableName variable) {
  const auto file = file_of(variable);
  let_change(file);
  if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
  return failed("remove", variable);
}

}  // namespace holdfast::linux::efi
