#include "linux/virtual_device/virtual_device.h"

#include <algorithm>

#include "base/text.h"
#include "linux/boot/boot_files.h"
#include "linux/system/files.h"
#include "linux/tpm/platform_tpm.h"
#include "linux/virtual_device/firmware.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"

namespace holdfast::linux::virtual_device {

namespace fs = std::filesystem;
namespace eventlog = trust::eventlog;
using trust::crypto::HashAlgorithm;

namespace {

/// First index of the endorsement certificates' issuers (EK Credential Profile §2.2.1.5.2).
constexpr std::uint32_t kIssuerIndex = 0x01C00100;
constexpr unsigned kQuotedPcrs = 16;

std::unexpected<Error> failed(std::string_view act, const fs::path& path, const std::error_code& seen) {
  return fail(Next::Denied, system::kFileFailed,
              cat("expected to ", act, " ", printable(path.string()), ", saw: ", seen.message()));
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return failed("make", folder, error);
  return {};
}

Result<void> measure(tpm::PlatformTpm& tpm, const std::vector<Measurement>& events, eventlog::LogWriter& log) {
  for (const Measurement& event : events) {
    const Digest256 digest = trust::crypto::sha256(event.measured);
    TRY(tpm.extend(event.pcr, digest));
    log.append(event.pcr, event.type, digest, event.data);
  }
  return {};
}

Result<StartupLocality> locality_of(const eventlog::Log& log) {
  const std::uint8_t locality = log.startup_locality.value_or(0);
  if (locality == 0) return StartupLocality::Zero;
  if (locality == 3) return StartupLocality::Three;
  return fail(Next::Rejected, kLogUnfit, cat("expected a start from locality 0 or 3, saw ", locality));
}

}  // namespace

Result<VirtualDevice> VirtualDevice::manufacture(const fs::path& folder, const TpmMaker& maker,
                                                 const std::string& name) {
  VirtualDevice device(fs::absolute(folder));
  if (fs::exists(device.swtpm_.state())) {
    return fail(Next::Conflict, kDeviceExists, cat("expected no device, saw one in ", printable(folder.string())));
  }
  TRY(make_folder(device.boot_files()));
  TRY(system::make_private_directory(device.disk()));
  TRY(maker.manufacture(device.swtpm_.state(), name));
  TRY(device.swtpm_.power_on());
  auto tpm = TRY(tpm::PlatformTpm::open(device.swtpm_.connection_string()));
  TRY(tpm.provision_nv(kIssuerIndex, TRY(maker.issuer())));
  TRY(device.swtpm_.power_off());
  return device;
}

Result<VirtualDevice> VirtualDevice::open(const fs::path& folder) {
  VirtualDevice device(fs::absolute(folder));
  if (fs::is_directory(device.swtpm_.state())) return device;
  return fail(Next::NotFound, kDeviceMissing,
              cat("expected a virtual device, saw none in ", printable(folder.string())));
}

Result<void> VirtualDevice::power_cycle(StartupLocality locality) {
  TRY(swtpm_.power_off());
  return swtpm_.power_on(locality);
}

/// A device that has not booted yet has no facts.
std::int64_t VirtualDevice::next_boot() const {
  const auto before = boot::BootFiles(boot_files()).facts();
  return before ? before->boot_count + 1 : 1;
}

Result<void> VirtualDevice::leave_boot_files(Bytes log, const std::vector<BootImage>& images) {
  ports::BootFacts facts{.event_log = to_blob(log), .boot_count = next_boot(), .running = {}};
  for (const BootImage& image : images) {
    facts.running.push_back({image.component, image.version, image.security_version});
  }
  return boot::write_boot_files(boot_files(), facts);
}

Result<void> VirtualDevice::boot(const std::vector<BootImage>& images) {
  TRY(power_cycle(StartupLocality::Zero));
  auto tpm = TRY(tpm::PlatformTpm::open(swtpm_.connection_string()));
  const Firmware board = firmware();
  eventlog::LogWriter log;
  TRY(measure(tpm, board.before, log));
  for (const BootImage& image : images) TRY(measure(tpm, image.events, log));
  TRY(measure(tpm, board.after, log));
  // Not the firmware: nothing that runs later knows its version, which is why a baseline covers it.
  return leave_boot_files(log.bytes(), images);
}

Result<void> VirtualDevice::replay(Bytes bytes) {
  const eventlog::Log log = TRY(eventlog::parse(bytes));
  if (std::ranges::find(log.algorithms, HashAlgorithm::Sha256) == log.algorithms.end()) {
    return fail(Next::Rejected, kLogUnfit, "expected a log with SHA-256 digests, saw one without");
  }
  TRY(power_cycle(TRY(locality_of(log))));
  auto tpm = TRY(tpm::PlatformTpm::open(swtpm_.connection_string()));
  for (const eventlog::Event& event : log.events) {
    if (!eventlog::extends(event) || event.pcr >= kQuotedPcrs) continue;
    const Bytes seen = eventlog::digest_of(event, HashAlgorithm::Sha256);
    Digest256 digest{};
    if (seen.size() != digest.size()) {
      return fail(Next::Rejected, kLogUnfit, cat("expected a SHA-256 digest in event ", event.index, ", saw none"));
    }
    std::ranges::copy(seen, digest.begin());
    TRY(tpm.extend(event.pcr, digest));
  }
  return leave_boot_files(bytes, {});
}

Result<void> VirtualDevice::clear(Bytes lockout) {
  const bool was_on = swtpm_.is_on();
  if (!was_on) TRY(swtpm_.power_on());
  const auto cleared = [&]() -> Result<void> {
    return TRY(tpm::PlatformTpm::open(swtpm_.connection_string())).clear(lockout);
  }();
  if (!was_on) TRY(swtpm_.power_off());
  return cleared;
}

Result<void> VirtualDevice::copy_disk_from(const VirtualDevice& other) {
  std::error_code error;
  fs::remove_all(disk(), error);
  if (error) return failed("remove", disk(), error);
  TRY(system::make_private_directory(disk()));
  fs::copy(other.disk(), disk(), fs::copy_options::recursive, error);
  if (error) return failed("copy", other.disk(), error);
  return {};
}

}  // namespace holdfast::linux::virtual_device
