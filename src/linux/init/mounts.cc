#include "linux/init/mounts.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace holdfast::linux::init {
namespace {

constexpr unsigned long kHarmless = MS_NOSUID | MS_NODEV | MS_NOEXEC;

const Mount kSystem[] = {
    {"devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"},
    {"proc", "/proc", "proc", kHarmless, "hidepid=2"},
    {"sysfs", "/sys", "sysfs", kHarmless},
    {"securityfs", "/sys/kernel/security", "securityfs", kHarmless},
    {"efivarfs", "/sys/firmware/efi/efivars", "efivarfs", kHarmless, "", true},
    {"pstore", "/sys/fs/pstore", "pstore", kHarmless, "", true},
    {"cgroup2", "/sys/fs/cgroup", "cgroup2", kHarmless},
    {"run", "/run", "tmpfs", kHarmless, "mode=0755,size=8m"},
};

Result<void> mount_one(const Mount& one) {
  const int done = ::mount(one.what.c_str(), one.where.c_str(), one.type.c_str(), one.flags, one.options.c_str());
  if (done == 0 || errno == EBUSY ||
      (one.may_be_missing && (errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP))) {
    return {};
  }
  const bool is_damaged = errno == EINVAL || errno == EUCLEAN || errno == EBADMSG;
  return fail(is_damaged ? Next::Corrupt : Next::Retry, kMountFailed,
              cat("expected to mount ", one.type, " at ", one.where, ", saw: ", std::strerror(errno)));
}

}  // namespace

std::span<const Mount> system_mounts() { return kSystem; }

Result<void> mount_all(std::span<const Mount> mounts) {
  for (const Mount& one : mounts) TRY(mount_one(one));
  return {};
}

Result<void> mount_data(const std::string& device, const std::string& where) {
  return mount_one({device, where, "ext4", kHarmless | MS_NOATIME, "errors=panic"});
}

}  // namespace holdfast::linux::init
