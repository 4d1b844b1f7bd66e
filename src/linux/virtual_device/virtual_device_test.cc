// Needs swtpm; one device is manufactured for the whole program (seconds).
#include "linux/virtual_device/virtual_device.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <fstream>

#include "linux/boot/boot_files.h"
#include "linux/system/program.h"
#include "linux/tpm/platform_tpm.h"
#include "skip.h"
#include "temporary_folder.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"

namespace holdfast::linux::virtual_device {
namespace {

namespace eventlog = trust::eventlog;
using trust::crypto::HashAlgorithm;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Fixture {
  tests::TemporaryFolder folder;
  TpmMaker maker = must(TpmMaker::at(folder.path() / "maker"));
  VirtualDevice device = must(VirtualDevice::manufacture(folder.path() / "device", maker, "dev-1"));
  ~Fixture() { [[maybe_unused]] const auto off = device.swtpm().power_off(); }
};

Fixture* fixture() {
  if (!system::has_program("swtpm") || !system::has_program("swtpm_setup")) {
    skip_program("swtpm and swtpm_setup are not installed");
    return nullptr;
  }
  static Fixture made;
  return &made;
}

std::vector<Digest256> live_pcrs(VirtualDevice& device) {
  return must(must(tpm::PlatformTpm::open(device.swtpm().connection_string())).read_pcrs());
}

/// Whether the TPM holds what the log of this boot says, PCR 0 to 15.
void check_log_replays(VirtualDevice& device) {
  const auto facts = must(boot::BootFiles(device.boot_files()).facts());
  const auto replayed = must(eventlog::replay(must(eventlog::parse(facts.event_log)), HashAlgorithm::Sha256));
  const auto live = live_pcrs(device);
  for (unsigned pcr = 0; pcr < 16; ++pcr) CHECK(equal(replayed.pcrs[pcr], live[pcr]));
}

TEST_CASE("a boot leaves a log that replays to the TPM, and facts that count up") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  VirtualDevice& device = made->device;
  const auto image = kernel_image({"os", "1.0.0"}, 3, "ro quiet");
  must(device.boot({image}));
  check_log_replays(device);
  const auto first = must(boot::BootFiles(device.boot_files()).facts());
  CHECK(first.running == std::vector<ports::RunningComponent>{{"os", "1.0.0", 3}});

  const auto pcrs = live_pcrs(device);
  must(device.boot({image}));
  CHECK(live_pcrs(device) == pcrs);
  CHECK(must(boot::BootFiles(device.boot_files()).facts()).boot_count == first.boot_count + 1);
}

TEST_CASE("a tampered boot differs in PCR 11 alone and its log still replays") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  auto image = kernel_image({"os", "1.0.0"}, 3, "ro quiet");
  must(made->device.boot({image}));
  const auto honest = live_pcrs(made->device);
  tamper_with(image);
  must(made->device.boot({image}));
  const auto tampered = live_pcrs(made->device);
  check_log_replays(made->device);
  for (unsigned pcr = 0; pcr < 16; ++pcr) CHECK((honest[pcr] == tampered[pcr]) == (pcr != 11));
}

TEST_CASE("another machine's log is measured as its firmware did, also from locality 3") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  eventlog::LogWriter log;
  Blob locality_event = to_blob(as_bytes("StartupLocality"));
  locality_event.insert(locality_event.end(), {0, 3});
  log.append(0, eventlog::kEvNoAction, Digest256{}, locality_event);
  log.append(0, eventlog::kEvSCrtmVersion, as_bytes("1"));
  log.append(14, eventlog::kEvIpl, as_bytes("shim"));
  must(made->device.replay(log.bytes()));
  check_log_replays(made->device);
  CHECK(must(boot::BootFiles(made->device.boot_files()).facts()).event_log == log.bytes());
}

TEST_CASE("a log that cannot be parsed boots nothing") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  CHECK_FALSE(made->device.replay({}));
  CHECK_FALSE(made->device.replay(Blob(100, 0xFF)));
}

TEST_CASE("a device is manufactured once, and only what is a device opens") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  const auto again = VirtualDevice::manufacture(made->folder.path() / "device", made->maker, "dev-1");
  REQUIRE_FALSE(again);
  CHECK(again.error().reason == kDeviceExists);
  const auto none = VirtualDevice::open(made->folder.path());
  REQUIRE_FALSE(none);
  CHECK(none.error().reason == kDeviceMissing);
}

TEST_CASE("a copied disk has the same records and stays closed to others") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  const VirtualDevice thief = must(VirtualDevice::manufacture(made->folder.path() / "thief", made->maker, "dev-2"));
  std::ofstream(made->device.disk() / "record") << "contents";
  VirtualDevice copy = must(VirtualDevice::open(made->folder.path() / "thief"));
  must(copy.copy_disk_from(made->device));
  CHECK(std::filesystem::file_size(thief.disk() / "record") == 8);
  CHECK(std::filesystem::status(thief.disk()).permissions() == std::filesystem::perms::owner_all);
}

TEST_CASE("switching on twice is refused, switching off twice is not") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  Swtpm& swtpm = made->device.swtpm();
  must(swtpm.power_off());
  must(swtpm.power_off());
  CHECK_FALSE(swtpm.is_on());
  must(swtpm.power_on());
  const auto twice = swtpm.power_on();
  REQUIRE_FALSE(twice);
  CHECK(twice.error().next == Next::Conflict);
  CHECK(swtpm.is_on());
}

TEST_CASE("a pid file that names a stranger's process switches nothing off") {
  Fixture* made = fixture();
  if (made == nullptr) return;
  const auto folder = made->folder.path() / "stranger";
  std::filesystem::create_directories(folder / "tpm");
  std::ofstream(folder / "tpm.pid") << getppid() << '\n';
  Swtpm stranger(folder);
  CHECK_FALSE(stranger.is_on());
  CHECK(stranger.power_off());
}

TEST_CASE("a folder whose socket path is too long for a socket is refused") {
  const auto refused = Swtpm("/tmp/" + std::string(100, 'x')).power_on();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == kPowerFailed);
}

}  // namespace
}  // namespace holdfast::linux::virtual_device
