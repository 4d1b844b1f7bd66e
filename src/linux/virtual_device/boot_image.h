// What a virtual device boots: components, each a list of what firmware, loader and kernel would measure for it. An
// image file is JSON: {component, version, security_version, events: [{pcr, type, measured | measured_base64,
// data? | data_base64?}…]}. As on real firmware an event's digest is the SHA-256 of what was measured, and its data is
// what the log shows of it (the same, where it is left out).
#pragma once

#include <string>
#include <vector>

#include "base/json/value.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::linux::virtual_device {

inline constexpr Reason kBootImageMalformed{"boot-image-malformed"};
inline constexpr std::size_t kBootImageBytesMax = 256 * 1024;
inline constexpr std::size_t kBootImageEventsMax = 256;

struct Measurement {
  std::uint8_t pcr = 0;
  std::uint32_t type = 0;  ///< EV_…, of trust/eventlog
  Blob measured;
  Blob data;
};

struct BootImage {
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
  std::vector<Measurement> events;
};

Result<BootImage> parse_boot_image(Bytes json_text);
json::Value to_json(const BootImage& image);

/// What a unified kernel image leaves (as seen on OVMF, of one by systemd 252): its hash in PCR 4, each section's name
/// and contents in PCR 11, its command line in PCR 9.
BootImage kernel_image(const trust::appraisal::ImageName& name, std::int64_t security_version,
                       const std::string& command_line);

/// Changes one event as an attacker with the disk would: the last one of PCR 11 (a kernel image's command line), or
/// where there is none the last of all.
void tamper_with(BootImage& image);

/// What `holdfast reference-values add` takes.
trust::appraisal::ReferenceSet reference_values(const BootImage& image);

}  // namespace holdfast::linux::virtual_device
