// Small ELF files for tests: functions that call one another, and a table of their addresses; and an EROFS image with
// one file, whose end lies beside its inode.
#pragma once

#include "base/byte_io.h"

namespace holdfast::tests {

struct ElfShape {
  std::uint32_t functions = 100;
  std::uint32_t grown = 0;  ///< bytes more in the third function
};

inline Blob elf_image(const ElfShape& shape) {
  constexpr std::uint32_t kTextBegin = 4096;
  constexpr std::uint64_t kBase = 0x400000;
  const auto size_of = [&](std::uint32_t number) { return 40 + number * 7 % 60 + (number == 3 ? shape.grown : 0); };
  std::vector<std::uint32_t> begins{kTextBegin};
  for (std::uint32_t i = 0; i < shape.functions; ++i) begins.push_back(begins.back() + size_of(i));
  const std::uint32_t table_begin = (begins.back() + 15) / 16 * 16;
  const std::uint32_t names_begin = table_begin + 8 * shape.functions;
  const std::uint32_t headers_begin = names_begin + 32;
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes(std::string_view("\x7F"
                                      "ELF\x02\x01\x01",
                                      7)))
      .bytes(Blob(9))
      .u16(3)
      .u16(62)
      .u32(1);
  out.u64(kBase + kTextBegin).u64(64).u64(headers_begin).u32(0).u16(64).u16(56).u16(1).u16(64).u16(4).u16(3);
  out.u32(1).u32(7).u64(0).u64(kBase).u64(kBase).u64(headers_begin).u64(headers_begin).u64(4096);
  out.bytes(Blob(kTextBegin - out.written().size()));
  for (std::uint32_t i = 0; i < shape.functions; ++i) {
    for (const std::uint32_t step : {1U, 17U, 101U}) {
      const std::uint32_t to = begins[(i + step) % shape.functions];
      out.u8(0xE8).u32(to - (static_cast<std::uint32_t>(out.written().size()) + 4));
    }
    for (std::uint32_t at = 15; at < size_of(i); ++at) out.u8(static_cast<std::uint8_t>(0x50 + (at * at + i) % 7));
  }
  out.bytes(Blob(table_begin - out.written().size()));
  for (std::uint32_t i = 0; i < shape.functions; ++i) out.u64(kBase + begins[i]);
  out.bytes(as_bytes(std::string_view("\0.text\0.data\0.names\0\0\0\0\0\0\0\0\0\0\0\0\0", 32)));
  const auto header = [&](std::uint32_t name, std::uint32_t type, std::uint64_t flags, std::uint32_t begin,
                          std::uint32_t end) {
    out.u32(name).u32(type).u64(flags).u64(type == 3 || type == 0 ? 0 : kBase + begin).u64(begin).u64(end - begin);
    out.u32(0).u32(0).u64(1).u64(0);
  };
  header(0, 0, 0, 0, 0);
  header(1, 1, 6, kTextBegin, begins.back());
  header(7, 1, 3, table_begin, names_begin);
  header(13, 3, 0, names_begin, headers_begin);
  return out.take();
}

inline Blob erofs_image(const Blob& file) {
  constexpr std::size_t kBlock = 4096;
  const std::size_t blocks = file.size() / kBlock;
  ByteWriter out(Endian::Little);
  const auto pad_to = [&](std::size_t size) { out.bytes(Blob(size - out.written().size())); };
  pad_to(1024);
  out.u32(0xE0F5E1E2)
      .u32(0)
      .u32(0)
      .u8(12)
      .u8(0)
      .u16(40)
      .u64(2)
      .u64(0)
      .u32(0)
      .u32(static_cast<std::uint32_t>(blocks + 2));
  out.u32(0);
  pad_to(40 * 32);  // the root's inode, its entries beside it
  out.u16(4).u16(0).u16(0x41ED).u16(2).u32(40).u32(0).u32(0xFFFFFFFF).u32(1).u16(0).u16(0).u32(0);
  out.u64(40).u16(36).u8(2).u8(0).u64(40).u16(37).u8(2).u8(0);
  out.u64((blocks + 1) * kBlock / 32).u16(39).u8(1).u8(0).bytes(as_bytes("...f"));
  pad_to(kBlock);
  out.bytes(Bytes(file).first(blocks * kBlock));
  out.u16(4)
      .u16(0)
      .u16(0x81A4)
      .u16(1)
      .u32(static_cast<std::uint32_t>(file.size()))
      .u32(0)
      .u32(1)
      .u32(2)
      .u16(0)
      .u16(0)
      .u32(0);
  out.bytes(Bytes(file).subspan(blocks * kBlock));
  pad_to((blocks + 2) * kBlock);
  return out.take();
}

}  // namespace holdfast::tests
