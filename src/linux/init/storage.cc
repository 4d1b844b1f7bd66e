#include "linux/init/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "linux/init/mounts.h"
#include "linux/system/descriptor.h"
#include "linux/system/program.h"

namespace holdfast::linux::init {
namespace {

/// Of ext4's superblock (Linux, Documentation/filesystems/ext4/super.rst): what the kernel noted of errors.
constexpr off_t kStateAt = 1024 + 0x3A;
constexpr unsigned kErrorsSeen = 0x0002;

constexpr std::chrono::seconds kProgramMax{25};  ///< two of them below the watchdog's patience
const std::vector<std::string> kRepair = {"/usr/sbin/e2fsck", "-y"};
/// Some space kept for root, whatever others fill, and as little table as files there are.
const std::vector<std::string> kMake = {"/usr/sbin/mke2fs",
                                        "-q",
                                        "-F",
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

Result<void> run(std::vector<std::string> program, const std::string& device) {
  program.push_back(device);
  return system::run_program(program, "/run/storage.log", kProgramMax);
}

bool has_errors(const std::string& device) {
  const system::Descriptor opened(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<std::uint8_t, 2> state{};
  return opened.is_open() && ::pread(opened.number(), state.data(), state.size(), kStateAt) == std::ssize(state) &&
         (state[0] & kErrorsSeen) != 0;
}

}  // namespace

Result<Storage> open_storage(const std::string& device, const std::string& where) {
  if (!has_errors(device)) {
    const auto mounted = mount_data(device, where);
    if (mounted) return Storage::AsItWas;
    if (mounted.error().next != Next::Corrupt) return std::unexpected(mounted.error());
  }
  // Its exit code tells that it changed something, too; the mount tells whether that helped. One that was ended, or did
  // not start, says nothing of the file system.
  if (const auto repaired = run(kRepair, device); !repaired && repaired.error().next != Next::Rejected)
    return fail_within("repair", repaired.error());
  if (!has_errors(device)) {
    const auto mounted = mount_data(device, where);
    if (mounted) return Storage::Repaired;
    if (mounted.error().next != Next::Corrupt) return std::unexpected(mounted.error());
  }
  TRY(run(kMake, device));
  TRY(mount_data(device, where));
  return Storage::Made;
}

void remove_empty_files(const std::filesystem::path& folder) {
  std::error_code problem;
  std::vector<std::filesystem::path> empty;
  for (auto one = std::filesystem::directory_iterator(folder, problem); !problem && one != end(one);
       one.increment(problem)) {
    struct ::stat about{};
    const bool is_empty = ::lstat(one->path().c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
    if (is_empty) empty.push_back(one->path());
  }
  for (const auto& one : empty) ::unlink(one.c_str());
}

Result<void> lay_folder(const std::filesystem::path& folder, unsigned user, unsigned group, unsigned mode) {
  if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return failed(cat("to make ", folder.string()));
  if (::chown(folder.c_str(), user, group) != 0 || ::chmod(folder.c_str(), mode) != 0) {
    return failed(cat("to give away ", folder.string()));
  }
  return {};
}

}  // namespace holdfast::linux::init
