#include "linux/http/admission.h"

#include <doctest/doctest.h>

#include "linux/http/deadlines.h"

namespace holdfast::linux::http {
namespace {

const Instant kStart{1'000'000};

Source source(std::uint8_t last) { return source_of(ByteArray<4>{127, 0, 0, last}); }

Source network(std::uint32_t number) {
  ByteArray<16> address{0x20, 1};
  for (std::size_t i = 0; i < 4; ++i) address[4 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return source_of(address);
}

TEST_CASE("sources are IPv4 addresses, mapped ones included, and IPv6 /64 networks") {
  CHECK(source(1).address == "127.0.0.1");
  CHECK(source(1).network != source(2).network);
  const Source mapped = source_of(ByteArray<16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1});
  CHECK(mapped.network == source(1).network);
  CHECK(mapped.address == "127.0.0.1");
  const Source one = source_of(ByteArray<16>{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1});
  const Source two = source_of(ByteArray<16>{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9});
  const Source other = source_of(ByteArray<16>{0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(one.network == two.network);
  CHECK(one.network != other.network);
  CHECK(one.address == "2001:db8:0:1::1");
}

TEST_CASE("connections are limited per source and in all, and given back") {
  Admission admission({.connections_max = 3, .connections_per_source_max = 2});
  CHECK(admission.connect(source(1), kStart));
  CHECK(admission.connect(source(1), kStart));
  CHECK(admission.connect(source(1), kStart).error().reason == kHttpTooMany);
  CHECK(admission.connect(source(2), kStart));
  CHECK(admission.connect(source(3), kStart).error().reason == kHttpTooMany);
  admission.disconnect(source(1));
  CHECK(admission.connections() == 2);
  CHECK(admission.connect(source(1), kStart));
}

TEST_CASE("a source has its burst, then its rate, whatever the others do") {
  Admission admission({.requests_per_source_s = 10, .requests_per_source_burst = 5});
  REQUIRE(admission.connect(source(1), kStart));
  REQUIRE(admission.connect(source(2), kStart));
  for (int i = 0; i < 4; ++i) CHECK(!admission.request(source(1), kStart));
  const auto wait = admission.request(source(1), kStart);
  REQUIRE(wait);
  CHECK(*wait == Duration(100));
  CHECK(!admission.request(source(2), kStart));
  CHECK(!admission.request(source(1), kStart + *wait));
  CHECK(admission.request(source(1), kStart + *wait));
}

TEST_CASE("reconnecting refills nothing, and costs a token itself") {
  Admission admission({.requests_per_source_s = 1, .requests_per_source_burst = 3});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(admission.connect(source(1), kStart));
    admission.disconnect(source(1));
  }
  CHECK(!admission.connect(source(1), kStart));
  CHECK(admission.connect(source(1), kStart + seconds(1)));
}

TEST_CASE("no limit is no limit") {
  Admission admission({.requests_per_source_s = 0});
  REQUIRE(admission.connect(source(1), kStart));
  for (int i = 0; i < 10'000; ++i) REQUIRE(!admission.request(source(1), kStart));
}

TEST_CASE("the table of sources is bounded, and quiet sources make room") {
  Admission admission(
      {.connections_max = kSourcesMax * 2, .requests_per_source_s = 10, .requests_per_source_burst = 5});
  for (std::uint32_t i = 0; i < kSourcesMax; ++i) {
    REQUIRE(admission.connect(network(i), kStart));
    admission.disconnect(network(i));
  }
  CHECK(!admission.connect(network(kSourcesMax), kStart));
  CHECK(admission.connect(network(kSourcesMax), kStart + seconds(2)));
}

TEST_CASE("deadlines come in order, move when set again, and go when cleared") {
  Deadlines deadlines;
  deadlines.set(1, 30);
  deadlines.set(2, 20);
  deadlines.set(3, 10);
  deadlines.set(3, 40);
  deadlines.clear(2);
  deadlines.clear(9);
  CHECK(!deadlines.take_due(29));
  CHECK(deadlines.take_due(50) == 1);
  CHECK(deadlines.take_due(50) == 3);
  CHECK(!deadlines.take_due(50));
}

}  // namespace
}  // namespace holdfast::linux::http
