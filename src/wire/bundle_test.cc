#include "wire/bundle.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"

namespace holdfast::wire {
namespace {

std::string text_at(Bytes block, std::size_t at, std::size_t bytes) {
  const std::string_view field = as_text(block.subspan(at, bytes));
  return std::string(field.substr(0, field.find('\0')));
}

TEST_CASE("a member's header is of ustar, of no day and no person, and its sum is right") {
  const auto header = tar_header("metadata/timestamp.json", 01234);
  REQUIRE(header);
  REQUIRE(header->size() == kTarBlockBytes);
  CHECK(text_at(*header, 0, 100) == "metadata/timestamp.json");
  CHECK(text_at(*header, 100, 8) == "0000644");
  CHECK(text_at(*header, 124, 12) == "00000001234");
  CHECK(text_at(*header, 136, 12) == "00000000000");
  CHECK(text_at(*header, 257, 6) == "ustar");
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kTarBlockBytes; ++i) sum += i >= 148 && i < 156 ? ' ' : (*header)[i];
  CHECK(std::stoll(text_at(*header, 148, 8), nullptr, 8) == sum);
}

TEST_CASE("a name that is too long for ustar is in a pax header, which says its own length") {
  const std::string name = cat("targets/os/1.0/", std::string(200, 'a'));
  const auto header = tar_header(name, 5);
  REQUIRE(header);
  REQUIRE(header->size() == 3 * kTarBlockBytes);
  CHECK((*header)[156] == 'x');
  const std::string record = text_at(*header, kTarBlockBytes, kTarBlockBytes);
  CHECK(record == cat(record.size(), " path=", name, "\n"));
  CHECK(std::stoll(text_at(*header, 124, 12), nullptr, 8) == static_cast<std::int64_t>(record.size()));
  CHECK((*header)[2 * kTarBlockBytes + 156] == '0');
}

TEST_CASE("members are filled up to whole blocks, and one too large for a header is refused") {
  CHECK(tar_padding(0).empty());
  CHECK(tar_padding(1).size() == kTarBlockBytes - 1);
  CHECK(tar_padding(kTarBlockBytes).empty());
  CHECK(tar_header("a", (std::int64_t{1} << 33) - 1));
  CHECK(fails_with(tar_header("a", std::int64_t{1} << 33), kBundleTooLarge));
}

/// The bytes of a bundle of these files, whole.
Blob bundle_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<BundleMember> members;
  for (const auto& [name, text] : files) members.push_back({name, static_cast<std::int64_t>(text.size())});
  Blob out = *make_bundle_index(members);
  for (const auto& [name, text] : files) {
    const auto length = static_cast<std::int64_t>(text.size());
    out = concat({out, *tar_header(name, length), as_bytes(text), tar_padding(length)});
  }
  return concat({out, Blob(2 * kTarBlockBytes, 0)});
}

Result<BundleIndex> index_in(Bytes bundle) {
  const std::size_t length = TRY(bundle_index_bytes(bundle.first(kTarBlockBytes)));
  return read_bundle_index(bundle.subspan(kTarBlockBytes, length), std::ssize(bundle));
}

Result<BundleIndex> read_text(std::string_view files, std::int64_t bundle_bytes = 100'000) {
  return read_bundle_index(as_bytes(cat(R"({"holdfast_bundle":1,"files":[)", files, "]}\n")), bundle_bytes);
}

TEST_CASE("whoever has a bundle reads any file of it by its range") {
  const std::vector<std::pair<std::string, std::string>> files = {{"metadata/1.root.json", "root"},
                                                                  {"metadata/timestamp.json", ""},
                                                                  {cat("targets/", std::string(150, 'x')), "image"}};
  const Blob bundle = bundle_of(files);
  const auto index = index_in(bundle);
  REQUIRE(index);
  REQUIRE(index->size() == files.size());
  for (const auto& [name, text] : files) {
    const BundleRange range = index->at(name);
    CHECK(as_text(Bytes(bundle).subspan(static_cast<std::size_t>(range.offset),
                                        static_cast<std::size_t>(range.length))) == text);
  }
}

TEST_CASE("a bundle that was cut is refused") {
  const Blob bundle = bundle_of({{"metadata/1.root.json", std::string(2000, 'r')}});
  const std::size_t length = *bundle_index_bytes(Bytes(bundle).first(kTarBlockBytes));
  const Bytes index = Bytes(bundle).subspan(kTarBlockBytes, length);
  CHECK(read_bundle_index(index, std::ssize(bundle)));
  CHECK(fails_with(read_bundle_index(index, 2000), kBundleMalformed));
}

TEST_CASE("an archive that begins with anything but the index, as it is written, is refused") {
  const Blob bundle = bundle_of({{"a", "b"}});
  CHECK(bundle_index_bytes(Bytes(bundle).first(kTarBlockBytes)));
  CHECK(fails_with(bundle_index_bytes(Bytes(bundle).first(100)), kBundleMalformed));
  CHECK(fails_with(bundle_index_bytes(Blob(kTarBlockBytes, 0)), kBundleMalformed));
  CHECK(fails_with(bundle_index_bytes(*tar_header("other.json", 10)), kBundleMalformed));
  CHECK(fails_with(bundle_index_bytes(*tar_header("index.json", kBundleIndexBytesMax + 1)), kBundleMalformed));
  for (const std::size_t at : {std::size_t{130}, std::size_t{156}, std::size_t{200}, std::size_t{500}}) {
    Blob changed = to_blob(Bytes(bundle).first(kTarBlockBytes));
    changed[at] ^= 1;
    CHECK(fails_with(bundle_index_bytes(changed), kBundleMalformed));
  }
}

TEST_CASE("an index that leads outside, twice to one name, backwards or into another file is refused") {
  CHECK(read_text(R"({"path":"a","offset":512,"length":10},{"path":"b","offset":1024,"length":10})"));
  for (const char* name : {"/a", "../a", "a/../b", "a//b", ".", "a/", "", "a\\u0000b", "a b", "a\\\\b"}) {
    CHECK_FALSE_MESSAGE(read_text(cat(R"({"path":")", name, R"(","offset":512,"length":10})")), name);
  }
  CHECK(fails_with(read_text(R"({"path":"a","offset":512,"length":10},{"path":"a","offset":1024,"length":10})"),
                   kBundleMalformed));
  CHECK(fails_with(read_text(R"({"path":"b","offset":512,"length":10},{"path":"a","offset":1024,"length":10})"),
                   kBundleMalformed));
  CHECK(fails_with(read_text(R"({"path":"a","offset":512,"length":600},{"path":"b","offset":1024,"length":10})"),
                   kBundleMalformed));
  CHECK(fails_with(read_text(R"({"path":"a","offset":512,"length":100000})"), kBundleMalformed));
  CHECK_FALSE(read_text(R"({"path":"a","offset":-1,"length":10})"));
  CHECK_FALSE(read_text(R"({"path":"a","offset":512,"length":9223372036854775807})"));
  CHECK_FALSE(read_text(R"({"path":"a","offset":512,"length":10,"mode":"0777"})"));
}

TEST_CASE("what a device could not hold is not written") {
  CHECK(fails_with(make_bundle_index(std::vector<BundleMember>(kBundleMembersMax + 1, {"a", 1})), kBundleTooLarge));
}

}  // namespace
}  // namespace holdfast::wire
