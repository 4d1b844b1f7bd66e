#include <doctest/doctest.h>

#include "base/byte_io.h"
#include "base/secret.h"

using namespace holdfast;

TEST_CASE("numbers are written and read in both orders") {
  for (const Endian endian : {Endian::Big, Endian::Little}) {
    const Blob bytes = ByteWriter(endian).u8(1).u16(0x0203).u32(0x04050607).u64(0x08090A0B0C0D0E0F).take();
    ByteReader reader(bytes, endian, "numbers");
    CHECK(*reader.u8() == 1);
    CHECK(*reader.u16() == 0x0203);
    CHECK(*reader.u32() == 0x04050607);
    CHECK(*reader.u64() == 0x08090A0B0C0D0E0F);
    CHECK(reader.done());
  }
}

TEST_CASE("nothing is read past the end") {
  const Blob bytes = {0x00, 0x05, 1, 2};
  ByteReader reader(bytes, Endian::Big, "box");
  CHECK(reader.sized16(10).error().reason == kBytesTruncated);
  ByteReader again(bytes, Endian::Big, "box");
  CHECK(again.sized16(4).error().reason == kBytesTruncated);
  ByteReader third(bytes, Endian::Big, "box");
  CHECK(third.u16());
  CHECK(third.done().error().reason == kBytesTrailing);
}

TEST_CASE("secrets are compared whole") {
  const Secret secret(to_blob(as_bytes("token")));
  CHECK(secret.matches(as_bytes("token")));
  CHECK_FALSE(secret.matches(as_bytes("tokem")));
  CHECK_FALSE(secret.matches(as_bytes("toke")));
}
