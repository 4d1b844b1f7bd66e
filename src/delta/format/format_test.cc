#include <doctest/doctest.h>

#include "delta/format/record.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::delta::format;

namespace {

Header some_header() {
  Header header;
  header.old_image = {1000, {1, 2, 3}};
  header.new_image = {2000, {4, 5, 6}};
  header.frame_length = 77;
  return header;
}

Result<void> parsed(Bytes payload, std::uint32_t count_max, std::uint64_t old_length, std::vector<Match>& into) {
  return parse_matches(payload, count_max, old_length, into);
}

}  // namespace

TEST_CASE("a number comes back, and is as short as it can be") {
  for (const std::uint32_t number : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    Blob out;
    append_number(out, number);
    NumberReader in(out);
    CHECK(in.number() == number);
    CHECK(in.is_empty());
  }
  Blob out;
  append_signed(out, -64);
  CHECK(out.size() == 1);
  CHECK(NumberReader(out).signed_number() == -64);
}

TEST_CASE("a number of more than 32 bits, or one that is cut off, is refused") {
  const Blob long_one{0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
  CHECK(fails_with(NumberReader(long_one).number(), kDeltaMalformed));
  const Blob endless(9, 0x80);
  CHECK(fails_with(NumberReader(endless).number(), kDeltaMalformed));
  const Blob cut{0x80};
  CHECK(fails_with(NumberReader(cut).number(), kDeltaMalformed));
}

TEST_CASE("a header comes back") {
  const Header header = some_header();
  const Blob bytes = encode(header);
  REQUIRE(bytes.size() == kHeaderBytes);
  CHECK(parse_header(bytes) == header);
}

TEST_CASE("a header with another beginning, an image too long, or reserved bytes in use is refused") {
  Blob bytes = encode(some_header());
  bytes[7] = '2';
  CHECK(fails_with(parse_header(bytes), kDeltaMalformed));
  Header header = some_header();
  header.new_image.length = kImageBytesMax + 1;
  CHECK(fails_with(parse_header(encode(header)), kDeltaMalformed));
  header = some_header();
  header.frame_length = 0;
  CHECK(fails_with(parse_header(encode(header)), kDeltaMalformed));
  bytes = encode(some_header());
  bytes.back() = 1;
  CHECK(fails_with(parse_header(bytes), kDeltaMalformed));
}

TEST_CASE("a map's head comes back; one with too much of anything is refused") {
  const MapHead head{Kind::ElfAmd64, 12345, 99, {{4096, 8192}, {700, 33}}, {{-16, 64}, {0, 0}}};
  CHECK(parse_map_head(encode(head)) == head);
  MapHead many = head;
  many.match_count = kMatchesMax + 1;
  CHECK(fails_with(parse_map_head(encode(many)), kDeltaMalformed));
  many = head;
  many.old_extents.resize(kOldExtentsMax + 1);
  CHECK(fails_with(parse_map_head(encode(many)), kDeltaMalformed));
  many = head;
  many.shifts.resize(kLoadsMax + 1);
  CHECK(fails_with(parse_map_head(encode(many)), kDeltaMalformed));
  many = {Kind::Plain, 1, kPlainMatchesMax + 1, {}, {}};
  CHECK(fails_with(parse_map_head(encode(many)), kDeltaMalformed));
}

TEST_CASE("matches come back, in one record or in several") {
  const std::vector<Match> matches{{0, 100, 50}, {60, 10, 5}, {65, 900, 100}};
  std::vector<Match> read;
  CHECK(parsed(encode_matches(std::span(matches).first(1), {}), 3, 1000, read));
  CHECK(parsed(encode_matches(std::span(matches).subspan(1), matches[0]), 3, 1000, read));
  CHECK(read == matches);
}

TEST_CASE("matches outside the old image, empty ones, and more than were announced are refused") {
  std::vector<Match> read;
  CHECK(fails_with(parsed(encode_matches(std::vector<Match>{{0, 100, 901}}, {}), 1, 1000, read), kDeltaMalformed));
  CHECK(fails_with(parsed(encode_matches(std::vector<Match>{{0, 100, 0}}, {}), 1, 1000, read), kDeltaMalformed));
  CHECK(
      fails_with(parsed(encode_matches(std::vector<Match>{{0, 1, 1}, {2, 2, 1}}, {}), 1, 1000, read), kDeltaMalformed));
  CHECK(fails_with(parsed(encode_matches(std::vector<Match>{{0xFFFFFFF0, 1, 0xFF}}, {}), 1, 1000, read),
                   kDeltaMalformed));
}

TEST_CASE("a count of matches that is not there takes no memory for them") {
  Blob lying;
  append_number(lying, kRecordMatchesMax);
  append_number(lying, 0);
  append_number(lying, 0);
  std::vector<Match> read;
  CHECK(fails_with(parsed(lying, kMatchesMax, 1000, read), kDeltaMalformed));
  CHECK(read.capacity() < 16);
}

TEST_CASE("streams come back; sizes that do not fit, and none to be for, are refused") {
  const Blob bytes{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const Bytes all(bytes);
  const Streams streams{7, all.first(1), all.subspan(1, 2), all.subspan(3, 3), all.subspan(6, 1), all.subspan(7, 2)};
  const Blob payload = encode(streams);
  const auto read = parse_streams(payload);
  REQUIRE(read);
  CHECK(equal(read->residual_gaps, streams.residual_gaps));
  CHECK(equal(read->literals, streams.literals));
  CHECK(fails_with(parse_streams(Bytes(payload).first(8)), kDeltaMalformed));
  CHECK(fails_with(parse_streams(encode(Streams{})), kDeltaMalformed));
}

TEST_CASE("a record of an unknown tag or above the bound is refused") {
  CHECK(fails_with(parse_record_head(Blob{5, 0, 0, 0}), kDeltaMalformed));
  CHECK(fails_with(parse_record_head(Blob{1, 0xFF, 0xFF, 0xFF}), kDeltaMalformed));
}
