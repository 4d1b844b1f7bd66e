#include "firmware/variable_store.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/byte_io.h"
#include "fails_with.h"

namespace holdfast::firmware {
namespace {

constexpr std::size_t kHeaderBytes = 72;
constexpr std::size_t kStoreBytes = 4096;
constexpr Guid kOwner = guid("0b0e0f00-1111-4222-8333-444455556666");
const WallTime kNow = *parse_rfc3339("2026-11-28T01:02:03Z");

/// A volume with an empty store, and some bytes behind it that belong to others.
Blob empty_flash() {
  ByteWriter out(Endian::Little);
  out.bytes(Blob(40)).bytes(as_bytes("_FVH")).u32(0).u16(kHeaderBytes).bytes(Blob(kHeaderBytes - 50));
  out.bytes(guid("aaf32c78-947b-439a-a180-2e144ec37792").bytes).u32(kStoreBytes).u8(0x5A).u8(0xFE).bytes(Blob(6));
  out.bytes(Blob(kStoreBytes - 28, 0xFF)).bytes(Blob(100, 0x77));
  return out.take();
}

VariableStore opened(Bytes image) {
  auto out = VariableStore::open(image);
  REQUIRE(out);
  return *std::move(out);
}

const SecureBootKeys kKeys{{Blob(500, 1)}, {Blob(501, 2)}, {Blob(502, 3), Blob(503, 4)}};

TEST_CASE("keys that are put in force are read again, and what is behind the store stays") {
  VariableStore store = opened(empty_flash());
  CHECK(store.variables().empty());
  REQUIRE(enroll(store, kKeys, kOwner, kNow));
  const Blob image = store.image();
  CHECK(image.size() == empty_flash().size());
  CHECK(std::ranges::equal(Bytes(image).last(100), Blob(100, 0x77)));
  const VariableStore again = opened(image);
  CHECK(again.variables() == store.variables());
  REQUIRE(again.variables().size() == 5);
  CHECK(again.variables()[0].name == "PK");
  CHECK(again.variables()[0].attributes == 0x27);
  CHECK(again.variables()[0].time == kNow);
  CHECK(again.image() == image);
}

TEST_CASE("a list of signatures says what it holds and how long that is") {
  const Blob list = signature_lists({Blob(3, 9)}, kOwner);
  ByteWriter expected(Endian::Little);
  expected.bytes(guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes).u32(47).u32(0).u32(19);
  expected.bytes(kOwner.bytes).bytes(Blob(3, 9));
  CHECK(list == expected.written());
}

TEST_CASE("a GUID's first fields are little-endian") {
  CHECK(kOwner.bytes ==
        ByteArray<16>{0x00, 0x0f, 0x0e, 0x0b, 0x11, 0x11, 0x22, 0x42, 0x83, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66});
}

TEST_CASE("a variable is set in place of the one before, and a deleted one is gone") {
  VariableStore store = opened(empty_flash());
  REQUIRE(store.set({kGlobalVariable, "Boot0001", kNonVolatile, Blob(7, 1)}));
  REQUIRE(store.set({kGlobalVariable, "Boot0001", kNonVolatile, Blob(9, 2)}));
  REQUIRE(store.set({kGlobalVariable, "BootOrder", kNonVolatile, Blob{1, 0}}));
  Blob image = store.image();
  CHECK(opened(image).variables().size() == 2);
  image[kHeaderBytes + 28 + 2] = 0x3C;  // VAR_DELETED
  REQUIRE(opened(image).variables().size() == 1);
  CHECK(opened(image).variables()[0].name == "BootOrder");
}

TEST_CASE("what has no room is not set, and what was there stays") {
  VariableStore store = opened(empty_flash());
  REQUIRE(store.set({kGlobalVariable, "One", kNonVolatile, Blob(1000, 1)}));
  CHECK(fails_with(store.set({kGlobalVariable, "One", kNonVolatile, Blob(5000, 2)}), kVariableStoreFull));
  CHECK(store.variables()[0].data == Blob(1000, 1));
  CHECK(fails_with(store.set({kGlobalVariable, "", kNonVolatile, {}}), kVariableStoreMalformed));
}

TEST_CASE("what is no store of authenticated variables is refused") {
  const Blob good = empty_flash();
  CHECK(fails_with(VariableStore::open(Bytes(good).first(49)), kVariableStoreMalformed));
  CHECK(fails_with(VariableStore::open(Blob(100)), kVariableStoreMalformed));
  for (const std::size_t at : {std::size_t{40}, kHeaderBytes, kHeaderBytes + 20, kHeaderBytes + 21}) {
    Blob bad = good;
    bad[at] ^= 1;
    CHECK_FALSE(VariableStore::open(bad));
  }
  Blob bad = good;
  bad[kHeaderBytes + 18] = 1;  // a size beyond the image
  CHECK(fails_with(VariableStore::open(bad), kVariableStoreMalformed));
  VariableStore store = opened(good);
  REQUIRE(store.set({kGlobalVariable, "One", kNonVolatile, Blob(10, 1)}));
  bad = store.image();
  bad[kHeaderBytes + 28 + 41] = 0xFF;  // data beyond the store
  CHECK_FALSE(VariableStore::open(bad));
}

TEST_CASE("Secure Boot has one platform key, and something that is allowed") {
  VariableStore store = opened(empty_flash());
  SecureBootKeys keys = kKeys;
  keys.platform.push_back(Blob(3, 3));
  CHECK_FALSE(enroll(store, keys, kOwner, kNow));
  keys = kKeys;
  keys.allowed.clear();
  CHECK_FALSE(enroll(store, keys, kOwner, kNow));
}

}  // namespace
}  // namespace holdfast::firmware
