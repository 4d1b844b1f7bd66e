// The little-endian structures that firmware measures or shows in its log (PC Client Platform Firmware Profile §10).
#pragma once

#include <string_view>
#include <utility>

#include "linux/virtual_device/boot_image.h"

namespace holdfast::linux::virtual_device {

/// UEFI_VARIABLE_DATA (§10.2.6).
Blob variable_event(const ByteArray<16>& vendor, std::string_view name, Bytes value);
/// UEFI_IMAGE_LOAD_EVENT (§10.2.3) of a file on the boot partition.
Blob image_load_event(std::string_view file, std::size_t length);
/// TCG_PCClientTaggedEvent (§10.4.2.1).
Blob tagged_event(std::uint32_t tag, Bytes value);
/// UEFI_PLATFORM_FIRMWARE_BLOB (§10.2.5).
Blob firmware_blob_event(std::uint64_t base, std::uint64_t length);

/// An event whose data is what was measured.
inline Measurement measurement(std::uint8_t pcr, std::uint32_t type, Blob measured) {
  return {pcr, type, measured, std::move(measured)};
}

}  // namespace holdfast::linux::virtual_device
