#include "delta/make/delta.h"

#include <doctest/doctest.h>

#include "delta/apply/decoder.h"
#include "delta/apply/summary.h"
#include "delta/stream/compress.h"
#include "elf_images.h"
#include "fails_with.h"
#include "trust/crypto/hash.h"

using namespace holdfast;
using namespace holdfast::delta;
using apply::Decoder;
using apply::Step;
using make::make_delta;

namespace {

/// What a decoder gives of a delta that comes in pieces of `piece` bytes; nothing but the right image ever is whole.
Result<Blob> applied(Bytes old_image, Bytes delta, std::size_t piece = 1000, std::uint32_t first_segment = 0) {
  old::OldBytes source(old_image);
  Decoder decoder(source, first_segment);
  Blob made;
  Bytes at_hand;
  std::uint32_t expected = first_segment;
  for (;;) {
    switch (TRY(decoder.step(at_hand))) {
      case Step::WantsDelta:
        if (delta.empty()) return fail(Next::Corrupt, format::kDeltaMalformed, "the delta has ended");
        at_hand = delta.first(std::min(piece, delta.size()));
        delta = delta.subspan(at_hand.size());
        break;
      case Step::Segment: {
        const Decoder::Segment segment = decoder.segment();
        CHECK(segment.index == expected++);
        CHECK(segment.bytes.size() <= format::kSegmentBytes);
        made.insert(made.end(), segment.bytes.begin(), segment.bytes.end());
        break;
      }
      case Step::Done: return made;
    }
  }
}

class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint32_t below(std::uint32_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 33) % bound;
  }

 private:
  std::uint64_t state_;
};

Blob random_bytes(Numbers& numbers, std::size_t size) {
  Blob bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(numbers.below(256));
  return bytes;
}

Blob edited(Numbers& numbers, Blob image) {
  for (std::uint32_t edits = numbers.below(20); edits > 0; --edits) {
    const auto at = image.begin() + numbers.below(static_cast<std::uint32_t>(image.size()));
    const std::uint32_t size =
        std::min<std::uint32_t>(1 + numbers.below(300), static_cast<std::uint32_t>(image.end() - at));
    switch (numbers.below(4)) {
      case 0: image.erase(at, at + size); break;
      case 1: {
        const Blob more = random_bytes(numbers, size);
        image.insert(at, more.begin(), more.end());
        break;
      }
      case 2: std::ranges::fill(at, at + size, std::uint8_t{7}); break;
      default: ++*at; break;
    }
    if (image.empty()) break;
  }
  return image;
}

/// A delta around records of one's own.
Blob delta_of(const Blob& records, Bytes old_image, std::uint64_t new_length) {
  const Blob frame = stream::compress(records);
  Blob delta = format::encode(format::Header{{old_image.size(), {}}, {new_length, {}}, frame.size()});
  delta.insert(delta.end(), frame.begin(), frame.end());
  return delta;
}

}  // namespace

TEST_CASE("an image comes back from any edits, whatever the pieces that its delta arrives in") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Numbers numbers(seed);
    const Blob old_image = random_bytes(numbers, 1 + numbers.below(30'000));
    const Blob new_image = edited(numbers, old_image);
    const auto delta = make_delta(old_image, new_image);
    REQUIRE(delta);
    CHECK(applied(old_image, *delta, 1 + numbers.below(4000)) == new_image);
  }
}

TEST_CASE("empty, equal, shrunk and grown images come back") {
  Numbers numbers(1);
  const Blob some = random_bytes(numbers, 600'000);
  const Blob fewer(some.begin() + 1000, some.end() - 300'000);
  const std::array pairs{std::pair{Blob{}, Blob{}},     std::pair{Blob{}, some}, std::pair{some, Blob{}},
                         std::pair{some, some},         std::pair{some, fewer},  std::pair{fewer, some},
                         std::pair{Blob{1, 2, 3}, some}};
  for (const auto& [old_image, new_image] : pairs) {
    const auto delta = make_delta(old_image, new_image);
    REQUIRE(delta);
    CHECK(applied(old_image, *delta) == new_image);
  }
}

TEST_CASE("an equal image of any size takes next to nothing") {
  Numbers numbers(2);
  const Blob image = random_bytes(numbers, 3'000'000);
  CHECK(make_delta(image, image)->size() < 200);
}

TEST_CASE("references that point elsewhere take a fraction of what they would as bytes") {
  const Blob old_image = tests::elf_image({.functions = 400});
  const Blob new_image = tests::elf_image({.functions = 400, .grown = 10});
  const auto delta = make_delta(old_image, new_image);
  REQUIRE(delta);
  CHECK(applied(old_image, *delta) == new_image);
  apply::Summariser summariser;
  Bytes all = *delta;
  REQUIRE(summariser.step(all) == true);
  CHECK(summariser.summary().rewritten_files == 1);
  CHECK(delta->size() < 400);
}

TEST_CASE("a delta that is cut off anywhere never counts as whole") {
  const Blob old_image = tests::elf_image({.functions = 40});
  const Blob new_image = tests::elf_image({.functions = 40, .grown = 3});
  const Blob delta = make_delta(old_image, new_image).value();
  for (std::size_t size = 0; size < delta.size(); ++size) {
    CHECK_FALSE(applied(old_image, Bytes(delta).first(size)));
  }
  Blob longer = delta;
  longer.push_back(0);
  CHECK_FALSE(applied(old_image, longer));
}

TEST_CASE("a byte of a delta that flipped gives an error or the right image") {
  const Blob old_image = tests::elf_image({.functions = 40});
  const Blob new_image = tests::elf_image({.functions = 40, .grown = 3});
  const Blob delta = make_delta(old_image, new_image).value();
  for (std::size_t at = 0; at < delta.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      Blob damaged = delta;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      const auto made = applied(old_image, damaged);
      CHECK((!made || *made == new_image));
    }
  }
}

TEST_CASE("another old image is refused by its length, or found out by what comes of it") {
  Numbers numbers(3);
  Blob old_image = random_bytes(numbers, 5000);
  const Blob new_image = edited(numbers, old_image);
  const Blob delta = make_delta(old_image, new_image).value();
  CHECK(fails_with(applied(Bytes(old_image).first(4999), delta), apply::kOldImageOther));
  for (std::uint8_t& byte : old_image) ++byte;
  CHECK(fails_with(applied(old_image, delta), apply::kNewImageDiffers));
}

TEST_CASE("a decoder that goes on at a segment gives out exactly those from there on") {
  Numbers numbers(4);
  const Blob old_image = random_bytes(numbers, 1'500'000);
  const Blob new_image = edited(numbers, old_image);
  const Blob delta = make_delta(old_image, new_image).value();
  const std::uint32_t count = format::segment_count(new_image.size());
  REQUIRE(count > 4);
  for (std::uint32_t first = 0; first <= count; ++first) {
    const std::size_t from = std::min(std::size_t{first} * format::kSegmentBytes, new_image.size());
    CHECK(applied(old_image, delta, 5000, first) == to_blob(Bytes(new_image).subspan(from)));
  }
}

TEST_CASE("a file's end that lies apart from it, after plain bytes, is rewritten as its beginning was") {
  const Blob old_file = tests::elf_image({.functions = 400});
  const Blob new_file = tests::elf_image({.functions = 400, .grown = 10});
  const Blob old_image = tests::erofs_image(old_file);
  const Blob new_image = tests::erofs_image(new_file);
  const Blob delta = make_delta(old_image, new_image).value();
  CHECK(applied(old_image, delta) == new_image);
  CHECK(delta.size() < 600);
}

TEST_CASE("records that do not fit together are refused") {
  const Blob old_image(1000, 7);
  const auto refused = [&](const Blob& records, std::uint64_t new_length) {
    return fails_with(applied(old_image, delta_of(records, old_image, new_length)), format::kDeltaMalformed);
  };
  const Blob map = format::encode(format::MapHead{format::Kind::Plain, 100, 0, {}, {}});
  const Blob hundred(100, 1);
  const Blob streams = format::encode(format::Streams{100, {}, {}, {}, {}, hundred});
  const auto records = [](std::initializer_list<std::pair<format::Tag, Bytes>> parts) {
    Blob out;
    for (const auto& [tag, payload] : parts) format::append_record(out, tag, payload);
    return out;
  };
  using format::Tag;
  CHECK(refused(records({{Tag::Streams, streams}}), 100));           // without a map
  CHECK(refused(records({{Tag::Matches, Blob{0, 0, 0}}}), 100));     // without a map
  CHECK(refused(records({{Tag::Continue, Blob{9}}}), 100));          // of nothing
  CHECK(refused(records({{Tag::Map, map}, {Tag::Map, map}}), 100));  // before its end
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, streams}, {Tag::Streams, streams}}), 200));
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, streams}, {Tag::End, {}}}), 99));   // too many bytes
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, streams}, {Tag::End, {}}}), 101));  // too few
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, streams}}), 100));                  // no end
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, streams}, {Tag::End, Blob{0}}}), 100));
  const Blob two = format::encode(format::MapHead{format::Kind::Plain, 100, 2, {}, {}});
  CHECK(refused(records({{Tag::Map, two}, {Tag::Streams, streams}}), 100));  // matches missing
  const Blob over = format::encode(format::Streams{100, {}, {}, {}, {}, Bytes(hundred).first(99)});
  CHECK(refused(records({{Tag::Map, map}, {Tag::Streams, over}}), 100));  // literals missing
}

TEST_CASE("an old file that reaches past the old image is refused") {
  const Blob old_image(1000, 7);
  Blob records;
  format::append_record(records, format::Tag::Map,
                        format::encode(format::MapHead{format::Kind::ElfAmd64, 10, 0, {{900, 101}}, {}}));
  CHECK(fails_with(applied(old_image, delta_of(records, old_image, 10)), old::kOldImageOutside));
}
