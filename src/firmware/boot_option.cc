#include "firmware/boot_option.h"

#include "base/byte_io.h"
#include "base/text.h"
#include "firmware/utf16.h"

namespace holdfast::firmware {
namespace {

constexpr std::uint32_t kActive = 1;
/// UEFI 2.10 §10.3: a media device path of a partition, of a file, and the end of the path.
constexpr std::uint8_t kMedia = 0x04;
constexpr std::uint8_t kHardDrive = 0x01;
constexpr std::uint8_t kFilePath = 0x04;
constexpr std::uint16_t kHardDriveBytes = 42;
constexpr std::uint16_t kNodeHeaderBytes = 4;
constexpr std::uint8_t kGuidPartitionTable = 0x02;
constexpr std::uint8_t kGuidSignature = 0x02;
constexpr ByteArray<4> kEndOfPath = {0x7F, 0xFF, 0x04, 0x00};

Blob device_path(const Partition& partition, std::string_view path) {
  const Blob file = utf16(path);
  ByteWriter out(Endian::Little);
  out.u8(kMedia).u8(kHardDrive).u16(kHardDriveBytes);
  out.u32(partition.number).u64(partition.begin).u64(partition.blocks).bytes(partition.id.bytes);
  out.u8(kGuidPartitionTable).u8(kGuidSignature);
  out.u8(kMedia).u8(kFilePath).u16(static_cast<std::uint16_t>(kNodeHeaderBytes + file.size())).bytes(file);
  out.bytes(kEndOfPath);
  return std::move(out).take();
}

}  // namespace

std::string boot_option_name(std::uint16_t number) {
  std::string out = "Boot";
  for (const int shift : {12, 8, 4, 0}) out += "0123456789ABCDEF"[number >> shift & 0xF];
  return out;
}

Blob boot_option(std::string_view description, const Partition& partition, std::string_view path) {
  const Blob where = device_path(partition, path);
  ByteWriter out(Endian::Little);
  out.u32(kActive).u16(static_cast<std::uint16_t>(where.size())).bytes(utf16(description)).bytes(where);
  return std::move(out).take();
}

Blob boot_numbers(std::span<const std::uint16_t> numbers) {
  ByteWriter out(Endian::Little);
  for (const std::uint16_t one : numbers) out.u16(one);
  return std::move(out).take();
}

Result<std::vector<std::uint16_t>> parse_boot_numbers(Bytes value) {
  if (value.size() % 2 != 0 || value.size() > 2 * kBootOptionsMax) {
    return fail(Next::Rejected, kBootOptionMalformed,
                cat("expected at most ", kBootOptionsMax, " numbers of 16 bits, saw ", value.size(), " bytes"));
  }
  std::vector<std::uint16_t> out;
  ByteReader reader(value, Endian::Little, "boot options");
  while (reader.remaining() > 0) out.push_back(TRY(reader.u16()));
  return out;
}

}  // namespace holdfast::firmware
