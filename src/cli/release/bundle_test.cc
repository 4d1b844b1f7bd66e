#include "cli/release/bundle.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"

namespace holdfast::cli::release {
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

}  // namespace
}  // namespace holdfast::cli::release
