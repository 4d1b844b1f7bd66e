#include "linux/virtual_device/event_structures.h"

#include "base/byte_io.h"
#include "firmware/utf16.h"

namespace holdfast::linux::virtual_device {

namespace {
constexpr std::uint64_t kLoadAddress = 0x7E000000;
}

Blob variable_event(const ByteArray<16>& vendor, std::string_view name, Bytes value) {
  ByteWriter out(Endian::Little);
  out.bytes(vendor).u64(name.size()).u64(value.size());
  for (const char c : name) out.u16(static_cast<std::uint8_t>(c));
  return out.bytes(value).take();
}

Blob image_load_event(std::string_view file, std::size_t length) {
  // UEFI §10.3.5.4 file path node, §10.3.1 end of the path.
  const Blob name = firmware::utf16(file);
  ByteWriter path(Endian::Little);
  path.u8(4).u8(4).u16(static_cast<std::uint16_t>(4 + name.size())).bytes(name);
  path.u8(0x7F).u8(0xFF).u16(4);
  ByteWriter out(Endian::Little);
  out.u64(kLoadAddress).u64(length).u64(0).u64(path.written().size());
  return out.bytes(path.written()).take();
}

Blob tagged_event(std::uint32_t tag, Bytes value) {
  return ByteWriter(Endian::Little).u32(tag).u32(static_cast<std::uint32_t>(value.size())).bytes(value).take();
}

Blob firmware_blob_event(std::uint64_t base, std::uint64_t length) {
  return ByteWriter(Endian::Little).u64(base).u64(length).take();
}

}  // namespace holdfast::linux::virtual_device
