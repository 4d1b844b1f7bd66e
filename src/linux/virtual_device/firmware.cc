#include "linux/virtual_device/firmware.h"

#include "base/text.h"
#include "firmware/utf16.h"
#include "linux/virtual_device/event_structures.h"
#include "trust/eventlog/event.h"

namespace holdfast::linux::virtual_device {

namespace eventlog = trust::eventlog;

namespace {

constexpr std::string_view kVersion = "1.0.0";
constexpr std::uint64_t kVolumeBase = 0xFFC00000;
constexpr std::uint8_t kPcrOfFirmware = 0;
constexpr std::uint8_t kPcrOfConfiguration = 1;
constexpr std::uint8_t kPcrOfLoaders = 4;
constexpr std::uint8_t kPcrOfPartitions = 5;
constexpr std::uint8_t kPcrOfSecureBoot = 7;

/// UEFI §3.3 EFI_GLOBAL_VARIABLE and §32.6.1 EFI_IMAGE_SECURITY_DATABASE_GUID, as they stand in memory.
constexpr ByteArray<16> kGlobal{0x61, 0xDF, 0xE4, 0x8B, 0xCA, 0x93, 0xD2, 0x11,
                                0xAA, 0x0D, 0x00, 0xE0, 0x98, 0x03, 0x2B, 0x8C};
constexpr ByteArray<16> kSecurityDatabase{0xCB, 0xB2, 0x19, 0xD7, 0x3A, 0x3D, 0x96, 0x45,
                                          0xA3, 0xBC, 0xDA, 0xD0, 0x0E, 0x67, 0x65, 0x6F};

void measure_firmware(std::vector<Measurement>& events) {
  const std::string volume = cat("virtual firmware volume ", kVersion);
  events.push_back(
      measurement(kPcrOfFirmware, eventlog::kEvSCrtmVersion, firmware::utf16(cat("Holdfast virtual ", kVersion))));
  events.push_back({kPcrOfFirmware, eventlog::kEvEfiPlatformFirmwareBlob, to_blob(as_bytes(volume)),
                    firmware_blob_event(kVolumeBase, volume.size())});
}

void measure_secure_boot(std::vector<Measurement>& events) {
  const ByteArray<1> on{1};
  const auto variable = [&](const ByteArray<16>& vendor, std::string_view name, Bytes value) {
    events.push_back(
        measurement(kPcrOfSecureBoot, eventlog::kEvEfiVariableDriverConfig, variable_event(vendor, name, value)));
  };
  variable(kGlobal, "SecureBoot", on);
  variable(kGlobal, "PK", as_bytes("virtual platform key"));
  variable(kGlobal, "KEK", as_bytes("virtual key exchange key"));
  variable(kSecurityDatabase, "db", as_bytes("virtual signature database"));
  variable(kSecurityDatabase, "dbx", as_bytes("virtual forbidden signatures"));
}

void measure_boot_order(std::vector<Measurement>& events) {
  const ByteArray<2> first{0, 0};
  events.push_back(
      measurement(kPcrOfConfiguration, eventlog::kEvEfiVariableBoot, variable_event(kGlobal, "BootOrder", first)));
  events.push_back(measurement(kPcrOfConfiguration, eventlog::kEvEfiVariableBoot,
                               variable_event(kGlobal, "Boot0000", as_bytes("virtual boot option"))));
}

Measurement action(std::uint8_t pcr, std::string_view what) {
  return measurement(pcr, eventlog::kEvEfiAction, to_blob(as_bytes(what)));
}

}  // namespace

Firmware firmware() {
  Firmware out;
  measure_firmware(out.before);
  measure_secure_boot(out.before);
  measure_boot_order(out.before);
  out.before.push_back(action(kPcrOfLoaders, "Calling EFI Application from Boot Option"));
  for (std::uint8_t pcr = 0; pcr <= kPcrOfSecureBoot; ++pcr) {
    out.before.push_back(measurement(pcr, eventlog::kEvSeparator, Blob(4, 0)));
  }
  out.before.push_back(measurement(kPcrOfSecureBoot, eventlog::kEvEfiVariableAuthority,
                                   variable_event(kSecurityDatabase, "db", as_bytes("virtual boot key"))));
  out.after.push_back(action(kPcrOfPartitions, "Exit Boot Services Invocation"));
  out.after.push_back(action(kPcrOfPartitions, "Exit Boot Services Returned with Success"));
  return out;
}

trust::appraisal::ReferenceSet firmware_reference_values() {
  Firmware whole = firmware();
  BootImage image{"firmware", std::string(kVersion), 1, std::move(whole.before)};
  image.events.insert(image.events.end(), whole.after.begin(), whole.after.end());
  trust::appraisal::ReferenceSet set = reference_values(image);
  set.source = trust::appraisal::ReferenceSource::Baseline;
  return set;
}

}  // namespace holdfast::linux::virtual_device
