#include "trust/x509/der.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

TEST_CASE("lengths are written in their shortest form") {
  CHECK(to_hex(der_octets(Blob(0x7F))).starts_with("047f00"));
  CHECK(to_hex(der_octets(Blob(0x80))).starts_with("04818000"));
  CHECK(to_hex(der_octets(Blob(0x100))).starts_with("0482010000"));
  CHECK(der_octets(Blob(0x10000)).size() == 0x10000 + 5);
}

TEST_CASE("integers are positive and shortest") {
  CHECK(to_hex(der_integer(std::uint64_t{0})) == "020100");
  CHECK(to_hex(der_integer(std::uint64_t{127})) == "02017f");
  CHECK(to_hex(der_integer(std::uint64_t{128})) == "02020080");
  CHECK(to_hex(der_integer(Bytes(Blob{0, 0, 1, 0}))) == "02020100");
  CHECK(to_hex(der_integer(Bytes())) == "020100");
}

TEST_CASE("object identifiers, bits and truth are as X.690 has them") {
  CHECK(to_hex(der_object_identifier("1.2.840.10045.4.3.2")) == "06082a8648ce3d040302");
  CHECK(to_hex(der_object_identifier("2.23.133.8.1")) ==
        "0605678105"
        "0801");
  CHECK(to_hex(der_named_bits(0x80)) == "03020780");
  CHECK(to_hex(der_named_bits(0x06)) == "03020106");
  CHECK(to_hex(der_truth()) == "0101ff");
  CHECK(to_hex(der_bits(Blob{1})) == "03020001");
}

TEST_CASE("times change form in 2050") {
  CHECK(to_hex(der_time(WallTime::from_seconds(0))) == "170d" + to_hex(as_bytes("700101000000Z")));
  CHECK(to_hex(der_time(*parse_rfc3339("2049-12-31T23:59:59Z"))) == "170d" + to_hex(as_bytes("491231235959Z")));
  CHECK(to_hex(der_time(*parse_rfc3339("2050-01-01T00:00:00Z"))) == "180f" + to_hex(as_bytes("20500101000000Z")));
}
