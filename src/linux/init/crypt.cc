#include "linux/init/crypt.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/keyctl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::init {
namespace {

using system::Descriptor;

constexpr std::string_view kName{"data"};
constexpr const char* kKeyName = "holdfast:data";
constexpr std::size_t kRequestBytes = 4096;
constexpr std::uint64_t kSectorBytes = 512;

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kCryptFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
}

/// In this thread's keyring, for as long as this is.
class KernelKey {
 public:
  explicit KernelKey(const Secret& key)
      : number_(::syscall(SYS_add_key, "logon", kKeyName, key.expose().data(), key.size(), KEY_SPEC_THREAD_KEYRING)) {}
  KernelKey(const KernelKey&) = delete;
  KernelKey& operator=(const KernelKey&) = delete;
  ~KernelKey() { ::syscall(SYS_keyctl, KEYCTL_CLEAR, KEY_SPEC_THREAD_KEYRING); }
  bool is_there() const { return number_ >= 0; }

 private:
  long number_;
};

/// One request to the device mapper (linux/dm-ioctl.h): a head, and for a table its target behind it.
class Request {
 public:
  Request() : bytes_(kRequestBytes) {
    dm_ioctl& head = this->head();
    head.version[0] = DM_VERSION_MAJOR;
    head.version[1] = 0;
    head.data_size = kRequestBytes;
    head.data_start = sizeof(dm_ioctl);
    kName.copy(head.name, sizeof head.name - 1);
  }
  dm_ioctl& head() { return *reinterpret_cast<dm_ioctl*>(bytes_.data()); }
  void put_target(std::uint64_t sectors, std::string_view type, std::string_view words) {
    auto* spec = reinterpret_cast<dm_target_spec*>(bytes_.data() + sizeof(dm_ioctl));
    spec->length = sectors;
    type.copy(spec->target_type, sizeof spec->target_type - 1);
    words.copy(reinterpret_cast<char*>(spec + 1), kRequestBytes - sizeof(dm_ioctl) - sizeof *spec - 1);
    head().target_count = 1;
  }
  bool send(const Descriptor& mapper, unsigned long what) { return ::ioctl(mapper.number(), what, bytes_.data()) == 0; }

 private:
  std::vector<std::uint8_t> bytes_;
};

Result<std::uint64_t> sectors_of(const std::string& device) {
  const Descriptor opened(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
  std::uint64_t bytes = 0;
  if (opened.is_open() && ::ioctl(opened.number(), BLKGETSIZE64, &bytes) == 0) return bytes / kSectorBytes;
  return failed(cat("to know the size of ", device));
}

}  // namespace

Result<std::string> map_encrypted(const std::string& device, const Secret& key) {
  const std::uint64_t sectors = TRY(sectors_of(device));
  const Descriptor mapper(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC));
  const KernelKey held(key);
  if (!mapper.is_open() || !held.is_there()) return failed("a device mapper and a keyring");
  Request make;
  if (!make.send(mapper, DM_DEV_CREATE)) return failed("to make a mapped device");
  const unsigned number = minor(make.head().dev);
  Request table;
  table.put_target(
      sectors, "crypt",
      cat("aes-xts-plain64 :", kCryptKeyBytes, ":logon:", kKeyName, " 0 ", device, " 0 1 sector_size:4096"));
  if (!table.send(mapper, DM_TABLE_LOAD)) return failed("to load the table of an encrypted device");
  Request resume;
  if (!resume.send(mapper, DM_DEV_SUSPEND)) return failed("to start an encrypted device");
  return cat("/dev/dm-", number);
}

}  // namespace holdfast::linux::init
