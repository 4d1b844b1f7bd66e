#include <doctest/doctest.h>

#include <algorithm>

#include "delta/make/erofs.h"
#include "delta/make/matcher.h"
#include "delta/make/placed.h"
#include "delta/make/suffixes.h"
#include "elf_images.h"

using namespace holdfast;
using namespace holdfast::delta;
using namespace holdfast::delta::make;
using format::Extent;
using format::Match;

TEST_CASE("the longest beginning is found, as if every place had been looked at") {
  const Blob text = to_blob(as_bytes("how much wood would a woodchuck chuck if a woodchuck could chuck wood"));
  const Suffixes suffixes(text);
  for (const std::string_view wanted : {"woodchuck could not", "chuck wood", "zz", "ox", "dx", "wood", "would a"}) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::size_t same = 0;
      while (same < wanted.size() && at + same < text.size() &&
             text[at + same] == static_cast<std::uint8_t>(wanted[same]))
        ++same;
      longest = std::max(longest, same);
    }
    const auto found = suffixes.longest(as_bytes(wanted), 0);
    CHECK(found.length == (longest < 2 ? 0 : longest));
    CHECK(as_text(Bytes(text).subspan(found.begin, found.length)) == wanted.substr(0, found.length));
  }
}

TEST_CASE("matches lie in order and inside both, over bytes of few values as over others") {
  for (const unsigned values : {1U, 2U, 250U}) {
    Blob old_bytes;
    Blob new_bytes;
    for (unsigned i = 0; i < 5000; ++i) {
      old_bytes.push_back(static_cast<std::uint8_t>(i * i % 251 % values));
      if (i % 900 > 30) new_bytes.push_back(static_cast<std::uint8_t>((i * i + i / 700) % 251 % values));
    }
    std::uint32_t end = 0;
    for (const Match& match : find_matches(old_bytes, new_bytes)) {
      CHECK(match.length > 0);
      CHECK(match.new_begin >= end);
      CHECK(match.old_end() <= old_bytes.size());
      end = match.new_end();
    }
    CHECK(end <= new_bytes.size());
  }
}

TEST_CASE("matches between gathered bytes are cut where the pieces end") {
  const Match match{0, 5, 10};
  std::vector<Match> placed;
  place_matches({&match, 1}, {{100, 8}, {200, 20}}, {{1000, 4}, {3000, 50}}, 0, placed);
  CHECK(placed == std::vector<Match>{{1000, 105, 3}, {1003, 200, 1}, {3000, 201, 6}});
  placed.clear();
  place_matches({&match, 1}, {{100, 50}}, {{1000, 4}, {3000, 50}}, 4, placed);
  CHECK(placed == std::vector<Match>{{3000, 109, 6}});
}

TEST_CASE("what no file has is the rest of an image") {
  CHECK(rest_of(100, {{50, 10}, {0, 20}, {55, 20}}) == Extents{{20, 30}, {75, 25}});
  CHECK(rest_of(10, {{0, 10}}).empty());
}

TEST_CASE("matches that are one become one") {
  std::vector<Match> matches{{10, 110, 5}, {0, 100, 10}, {15, 200, 1}};
  tidy_matches(matches);
  CHECK(matches == std::vector<Match>{{0, 100, 15}, {15, 200, 1}});
}

TEST_CASE("a file of an EROFS image is found with its end beside the inode") {
  const Blob file = tests::elf_image({});
  const Blob image = tests::erofs_image(file);
  const auto files = files_of_erofs(image);
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "f");
  CHECK(gather(image, files[0].extents) == file);
}

TEST_CASE("an EROFS image that is damaged anywhere has no files outside it") {
  const Blob image = tests::erofs_image(tests::elf_image({.functions = 5}));
  for (std::size_t at = 1024; at < 1500; ++at) {
    for (const unsigned value : {0U, 0x55U, 0xFFU}) {
      Blob damaged = image;
      damaged[at] = static_cast<std::uint8_t>(value);
      for (const ImageFile& file : files_of_erofs(damaged)) {
        for (const Extent& extent : file.extents) CHECK(std::uint64_t{extent.begin} + extent.length <= image.size());
      }
    }
  }
}
