#include <doctest/doctest.h>

#include "delta/elf/references.h"
#include "elf_images.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::delta;
using namespace holdfast::delta::elf;
using format::Match;

namespace {

ElfFile elf_of(Bytes bytes) {
  old::OldBytes source(bytes);
  return read_elf(old::OldFile(source)).value();
}

const Section* section_of(const ElfFile& file, Table table) {
  const auto found = std::ranges::find(file.sections, table, &Section::table);
  return found == file.sections.end() ? nullptr : &*found;
}

/// Counts references, and corrects one of them.
struct Corrections {
  std::size_t wrong = 0xFFFFFFFF;
  std::int32_t change = 0;
  std::vector<Prediction> seen = {};
  bool is_wrong(const Prediction& prediction) {
    seen.push_back(prediction);
    return seen.size() - 1 == wrong;
  }
  Result<std::int32_t> next() const { return change; }
};

struct Rewritten {
  Blob bytes;
  std::vector<Prediction> seen;
};

Rewritten rewritten(Bytes file, std::vector<Match> matches, Corrections corrections = {}) {
  old::OldBytes source(file);
  auto references = References::make(old::OldFile(source), {}, matches).value();
  Blob out = to_blob(file);
  const View view{file.data(), 0, static_cast<std::uint32_t>(file.size())};
  REQUIRE(references.rewrite(view, 0, matches.empty() ? 0 : matches[0].new_begin, out, corrections));
  return {std::move(out), std::move(corrections.seen)};
}

}  // namespace

TEST_CASE("loads and the sections that hold references are read") {
  const Blob bytes = tests::elf_image({});
  const ElfFile file = elf_of(bytes);
  REQUIRE(file.loads.size() == 1);
  CHECK(file.address_of(4096) == 0x401000);
  CHECK(file.is_loaded(0x400000));
  CHECK_FALSE(file.is_loaded(0x400000 + bytes.size()));
  CHECK(section_of(file, Table::Code)->begin == 4096);
  CHECK(section_of(file, Table::Words64)->length == 800);
  CHECK(section_of(file, Table::SectionHeaders)->length == 256);
}

TEST_CASE("what is no ELF file, or one cut anywhere, has no more than its bytes say") {
  CHECK(elf_of(Blob(5000, 7)).sections.empty());
  CHECK(elf_of({}).loads.empty());
  const Blob bytes = tests::elf_image({.functions = 20});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    for (const Section& section : elf_of(Bytes(bytes).first(size)).sections) CHECK(section.end() <= size);
  }
}

TEST_CASE("every byte of a header may be anything") {
  const Blob bytes = tests::elf_image({.functions = 20});
  for (std::size_t at = 0; at < 120; ++at) {
    for (const unsigned value : {0U, 1U, 0x7FU, 0xFFU}) {
      Blob hostile = bytes;
      hostile[at] = static_cast<std::uint8_t>(value);
      const ElfFile file = elf_of(hostile);
      CHECK(file.sections.size() <= kSectionsMax);
      CHECK(file.loads.size() <= format::kLoadsMax);
      rewritten(hostile, {{0, 0, static_cast<std::uint32_t>(hostile.size())}});
    }
  }
}

TEST_CASE("where nothing moved, nothing is rewritten") {
  const Blob bytes = tests::elf_image({});
  const auto made = rewritten(bytes, {{0, 0, static_cast<std::uint32_t>(bytes.size())}});
  CHECK(made.bytes == bytes);
  CHECK(made.seen.size() > 300);  // three calls and a pointer of each function
}

TEST_CASE("a call and a pointer follow what they refer to") {
  const Blob old_file = tests::elf_image({});
  const Blob new_file = tests::elf_image({.grown = 10});
  // All but the grown function, which is the fourth, moved by 10.
  const std::uint32_t grown_end = 4096 + 40 + 47 + 54 + 61;
  const std::vector<Match> matches{
      {0, 0, grown_end}, {grown_end + 10, grown_end, static_cast<std::uint32_t>(old_file.size()) - grown_end}};
  const auto made = rewritten(old_file, matches);
  const auto call = [](Bytes file, std::uint32_t at) { return word_at<std::int32_t>(&file[at]); };
  CHECK(call(made.bytes, 4097) == call(new_file, 4097));  // to the second function, which did not move
  CHECK(call(made.bytes, 4102) == call(new_file, 4102));  // to the eighteenth, which did
  CHECK(call(old_file, 4102) + 10 == call(new_file, 4102));
}

TEST_CASE("a correction teaches where its target is") {
  const Blob bytes = tests::elf_image({});
  const std::vector<Match> matches{{0, 0, static_cast<std::uint32_t>(bytes.size())}};
  const auto plain = rewritten(bytes, matches);
  const Site& first = plain.seen[3].site;
  REQUIRE(first.form == Form::Relative32);
  const auto taught = rewritten(bytes, matches, {.wrong = 3, .change = 32});
  std::size_t followed = 0;
  for (std::size_t i = 4; i < taught.seen.size(); ++i) {
    if (taught.seen[i].site.target != first.target) continue;
    CHECK(taught.seen[i].operand == plain.seen[i].operand + 32);
    ++followed;
  }
  CHECK(followed > 0);
}

TEST_CASE("a correction of 0 leaves the old operand, and teaches nothing") {
  const Blob bytes = tests::elf_image({});
  const std::vector<Match> matches{{50, 0, static_cast<std::uint32_t>(bytes.size())}};
  const auto made = rewritten(bytes, matches, {.wrong = 2, .change = 0});
  const std::uint32_t at = made.seen[2].site.offset;
  CHECK(equal(Bytes(made.bytes).subspan(at, 4), Bytes(bytes).subspan(at, 4)));
}

TEST_CASE("an offset outside every match goes with the match before, and the longer of two has what both claim") {
  const ElfFile file = elf_of(tests::elf_image({}));
  const std::vector<Match> matches{{1000, 100, 50}, {2000, 120, 100}, {5000, 130, 10}};
  const TargetMap map(file, {}, matches);
  CHECK(map.new_offset(110) == 1010);
  CHECK(map.new_offset(125) == 2005);
  CHECK(map.new_offset(135) == 2015);  // within the longest, which the third lies in
  CHECK(map.new_offset(4000) == 5880);
  CHECK(map.new_offset(0) == 900);
  CHECK(TargetMap(file, {}, {}).new_offset(77) == 77);
}

TEST_CASE("records of .eh_frame that lie about their length end the walk") {
  for (const std::uint32_t length : {0U, 3U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    Blob bytes = tests::elf_image({.functions = 30});
    // The code section becomes one of unwind records by its name.
    const auto headers = word_at<std::uint64_t>(&bytes[40]);
    const auto names = word_at<std::uint64_t>(&bytes[headers + 3 * 64 + 24]);
    const std::string_view name = ".eh_frame";
    std::ranges::copy(name, bytes.begin() + static_cast<std::ptrdiff_t>(names + 1));
    bytes[names + 1 + name.size()] = 0;
    bytes[headers + 64 + 8] = 2;
    put_word(&bytes[4096], length);
    const auto made = rewritten(bytes, {{0, 0, static_cast<std::uint32_t>(bytes.size())}});
    CHECK(made.bytes.size() == bytes.size());
  }
}
