#include "trust/update/verity.h"

#include <doctest/doctest.h>

#include <array>

#include "base/encoding.h"
#include "fails_with.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::update {
namespace {

/// Each block is its number, little-endian, again and again; the salt is the bytes from 0 to 31.
Blob numbered(std::int64_t blocks) {
  Blob out(static_cast<std::size_t>(blocks * kVerityBlockBytes));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t block = i / static_cast<std::size_t>(kVerityBlockBytes);
    out[i] = static_cast<std::uint8_t>(block >> (8 * (i % 4)));
  }
  return out;
}

Digest256 counted_salt() {
  Digest256 out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
  return out;
}

struct Known {
  std::int64_t blocks;
  std::int64_t tree_bytes;
  std::string_view root;
  std::string_view tree_sha256;
};
// As veritysetup 2.6.1 makes them (format --no-superblock --salt …).
constexpr std::array<Known, 6> kKnown = {
    {{1, 0, "4ce3ecf32c133bf6321901b6092219474b6ac91a19d0304621d629e6bb9987dc",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
     {2, 4096, "2a324e94048f1b195c1a95c1a8a2aadeaca051dbf22f8d70524f34a54312dd1e",
      "255b9b599cca76bb759ccb9d4e62a73cd41a6252bf1c3259f552d730d01bc720"},
     {128, 4096, "7304e50acd750ce7a62d37b9fd95234dbf7c4223c580c2ec355f5b12ad69424e",
      "ae93c190ddd395f08f7463965d1236b7e71c351dad4cd2e819f109b24a83f778"},
     {129, 12288, "a631d09d288077d69a662e74788789b2494093c15687d050203f71c6b6757f6d",
      "805e0ce45227cd1c3449049fb08d03f6b3caf4092b600f6b40d4b0ca378f3a2c"},
     {300, 16384, "f3a7d6ffb8e249236cc9927481fec19dedb6db70585463d6576630b064f59d60",
      "476f1e653c874fa055fc23f2387365582f03b6440a6147fb911fb1ee854a4053"},
     {16385, 540672, "b439e96c0c64d937c58d3703498b6ab3c5eb12e418d7d895fbca032e243c0ed4",
      "18563cb154adea29d37ce9f7404ae23f3ab2f7555558529477544d9dbe88b2a7"}}};

TEST_CASE("a tree is the one that veritysetup makes, from one block to three levels") {
  for (const Known& known : kKnown) {
    CAPTURE(known.blocks);
    const Blob data = numbered(known.blocks);
    VerityBuilder builder(counted_salt());
    const auto half = static_cast<std::size_t>(known.blocks / 2 * kVerityBlockBytes);
    builder.add(Bytes(data).first(half));
    builder.add(Bytes(data).subspan(half));
    const VerityTree tree = std::move(builder).finish();
    CHECK(to_hex(tree.root) == known.root);
    CHECK(to_hex(crypto::sha256(tree.bytes)) == known.tree_sha256);
    CHECK(std::ssize(tree.bytes) == known.tree_bytes);
    CHECK(verity_tree_bytes(std::ssize(data) + 8192, 8192) == known.tree_bytes);
  }
}

TEST_CASE("a root is whole blocks, from one of its image to the end") {
  const Blob image(3 * 4096, 1);
  const auto all = make_verity(image, 0, {});
  const auto last = make_verity(image, 2 * 4096, {});
  REQUIRE(all);
  REQUIRE(last);
  CHECK(all->tree.size() == 4096);
  CHECK(last->tree.empty());
  CHECK(make_verity(Bytes(image).subspan(4096), 4096, {})->verity.root == last->verity.root);
  CHECK(fails_with(make_verity(image, 3 * 4096, {}), kVerityMalformed));
  CHECK(fails_with(make_verity(image, 4095, {}), kVerityMalformed));
  CHECK(fails_with(make_verity(Bytes(image).first(3 * 4096 - 1), 0, {}), kVerityMalformed));
}

}  // namespace
}  // namespace holdfast::trust::update
