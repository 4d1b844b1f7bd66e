#include "firmware/boot_option.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "fails_with.h"

namespace holdfast::firmware {

TEST_CASE("a GUID is read and written as people write it, and lies in memory as firmware has it") {
  const auto read = parse_guid("8BE4DF61-93ca-11d2-aa0d-00e098032b8c");
  REQUIRE(read);
  CHECK((*read == guid("8be4df61-93ca-11d2-aa0d-00e098032b8c")));
  CHECK(to_hex(read->bytes) == "61dfe48bca93d211aa0d00e098032b8c");
  CHECK(to_text(*read) == "8be4df61-93ca-11d2-aa0d-00e098032b8c");
  for (const char* text : {"", "8be4df61-93ca-11d2-aa0d-00e098032b8", "8be4df61093ca-11d2-aa0d-00e098032b8c",
                           "8be4df61-93ca-11d2-aa0d-00e098032b8g", "8be4df61-93ca-11d2-aa0d-00e098032b8-"}) {
    CHECK_FALSE(parse_guid(text));
  }
}

TEST_CASE("a boot option names a file on a partition as UEFI does") {
  Partition partition{.number = 2, .begin = 0x800, .blocks = 0x14000, .id = {}};
  partition.id.bytes[0] = 0xAB;
  // Attributes, length of the path, "B", the partition, the file "\X", the end.
  CHECK(to_hex(boot_option("B", partition, "\\X")) ==
        "01000000"
        "3800"
        "42000000"
        "04012a00"
        "02000000"
        "0008000000000000"
        "0040010000000000"
        "ab000000000000000000000000000000"
        "0202"
        "04040a00"
        "5c0058000000"
        "7fff0400");
  CHECK(boot_option_name(kBootPlaceA) == "Boot00A0");
  CHECK(boot_option_name(0xBEEF) == "BootBEEF");
}

TEST_CASE("lists of boot options are read back, and not where they are cut or too long") {
  const std::uint16_t numbers[] = {kBootPlaceB, 0x0001, kBootPlaceA};
  const auto read = parse_boot_numbers(boot_numbers(numbers));
  REQUIRE(read);
  CHECK((*read == std::vector<std::uint16_t>{kBootPlaceB, 0x0001, kBootPlaceA}));
  CHECK(parse_boot_numbers({})->empty());
  CHECK(fails_with(parse_boot_numbers(Blob(3)), kBootOptionMalformed));
  CHECK(fails_with(parse_boot_numbers(Blob(2 * kBootOptionsMax + 2)), kBootOptionMalformed));
}

}  // namespace holdfast::firmware
