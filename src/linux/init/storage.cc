#include "linux/init/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include "base/text.h"
#include "linux/init/mounts.h"
#include "linux/system/descriptor.h"
#include "linux/system/files.h"
#include "linux/system/program.h"

namespace holdfast::linux::init {
namespace {

constexpr std::size_t kBlankBytes = 1024 * 1024;
constexpr std::size_t kNumberBytesMax = 32;
constexpr std::chrono::seconds kMakeMax{40};  ///< below the watchdog's patience
/// Some space kept for root, whatever others fill, and as little table as files there are.
const std::vector<std::string> kMake = {"/usr/sbin/mke2fs",
                                        "-q",
                                        "-t",
                                        "ext4",
                                        "-m",
                                        "5",
                                        "-N",
                                        "4096",
                                        "-O",
                                        "metadata_csum,^resize_inode",
                                        "-E",
                                        "lazy_itable_init=0,nodiscard"};

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kStorageFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
}

Result<bool> is_blank(const std::string& device) {
  const system::Descriptor opened(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
  Blob begin(kBlankBytes);
  if (!opened.is_open() || ::pread(opened.number(), begin.data(), begin.size(), 0) != std::ssize(begin)) {
    return failed(cat("to read ", device));
  }
  return std::ranges::all_of(begin, [](std::uint8_t one) { return one == 0; });
}

}  // namespace

Result<void> open_storage(const std::string& device, const std::string& where) {
  if (TRY(is_blank(device))) {
    auto make = kMake;
    make.push_back(device);
    TRY(system::run_program(make, "/run/mke2fs.log", kMakeMax));
  }
  return mount_data(device, where);
}

Result<void> lay_folder(const std::filesystem::path& folder, unsigned user, unsigned group, unsigned mode) {
  if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return failed(cat("to make ", folder.string()));
  if (::chown(folder.c_str(), user, group) != 0 || ::chmod(folder.c_str(), mode) != 0) {
    return failed(cat("to give away ", folder.string()));
  }
  return {};
}

Result<std::int64_t> count_boot(const std::filesystem::path& file) {
  std::int64_t count = 0;
  if (const auto text = system::read_file(file, kNumberBytesMax)) {
    const std::string_view digits = trim(as_text(*text));
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
  }
  ++count;
  TRY(system::write_file(file, as_bytes(cat(count, "\n")), system::FileMode::Private));
  return count;
}

}  // namespace holdfast::linux::init
