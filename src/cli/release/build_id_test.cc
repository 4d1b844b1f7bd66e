#include "cli/release/build_id.h"

#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "base/encoding.h"

namespace holdfast::cli::release {
namespace {

constexpr std::size_t kHeader64 = 64;

/// A 64-bit file with one PT_NOTE of these notes.
Blob elf64(Bytes notes, std::uint64_t alignment = 4) {
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes("\177ELF")).u8(2).u8(1).u8(1).bytes(Blob(9, 0));
  out.u16(3).u16(62).u32(1).u64(0).u64(kHeader64).u64(0).u32(0).u16(64).u16(56).u16(1).u16(0).u16(0).u16(0);
  out.u32(4).u32(4).u64(kHeader64 + 56).u64(0).u64(0).u64(notes.size()).u64(notes.size()).u64(alignment);
  out.bytes(notes);
  return out.take();
}

Blob note(std::string_view name, std::uint32_t type, Bytes content) {
  ByteWriter out(Endian::Little);
  out.u32(static_cast<std::uint32_t>(name.size())).u32(static_cast<std::uint32_t>(content.size())).u32(type);
  out.bytes(as_bytes(name)).bytes(Blob((4 - name.size() % 4) % 4, 0));
  out.bytes(content).bytes(Blob((4 - content.size() % 4) % 4, 0));
  return out.take();
}

constexpr std::string_view kGnu{"GNU\0", 4};

TEST_CASE("the build id is found behind other notes") {
  const Blob id = *from_hex("0123456789abcdef0123456789abcdef01234567");
  const Blob notes = concat({note("stapsdt", 3, Blob(5, 1)), note(kGnu, 1, Blob(16, 0)), note(kGnu, 3, id)});
  CHECK(build_id_in(elf64(notes)) == id);
}

TEST_CASE("a 32-bit file has its build id as well") {
  const Blob id(20, 7);
  const Blob notes = note(kGnu, 3, id);
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes("\177ELF")).u8(1).u8(1).u8(1).bytes(Blob(9, 0));
  out.u16(3).u16(40).u32(1).u32(0).u32(52).u32(0).u32(0).u16(52).u16(32).u16(1).u16(0).u16(0).u16(0);
  const auto size = static_cast<std::uint32_t>(notes.size());
  out.u32(4).u32(52 + 32).u32(0).u32(0).u32(size).u32(size).u32(4).u32(4);
  out.bytes(notes);
  CHECK(build_id_in(out.take()) == id);
}

TEST_CASE("what is no ELF file, is cut, or has another note has no build id, wherever it is cut") {
  const Blob whole = elf64(note(kGnu, 3, Blob(20, 7)));
  REQUIRE(build_id_in(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(build_id_in(Bytes(whole).first(size)));
  CHECK_FALSE(build_id_in(elf64(note("Go\0", 3, Blob(20, 7)))));
  CHECK_FALSE(build_id_in(elf64(note(kGnu, 3, Blob(kBuildIdBytesMax + 1, 7)))));
  CHECK_FALSE(build_id_in(elf64(note(kGnu, 3, {}))));
  CHECK_FALSE(build_id_in(as_bytes("#!/bin/sh\necho nothing here\n")));
}

TEST_CASE("notes whose sizes lie are passed over and read nothing behind the file") {
  for (const std::uint32_t lie : {0xFFFFFFFFU, 0x80000000U, 0xFFFFFFF0U, 1000U}) {
    ByteWriter notes(Endian::Little);
    notes.u32(lie).u32(20).u32(3).bytes(as_bytes(kGnu)).bytes(Blob(20, 7));
    CHECK_FALSE(build_id_in(elf64(notes.written())));
    ByteWriter contents(Endian::Little);
    contents.u32(4).u32(lie).u32(3).bytes(as_bytes(kGnu)).bytes(Blob(20, 7));
    CHECK_FALSE(build_id_in(elf64(contents.written())));
  }
}

}  // namespace
}  // namespace holdfast::cli::release
