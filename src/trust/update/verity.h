// The tree by which Linux verifies a root as it reads it: dm-verity, version 1, SHA-256, blocks of 4096 bytes
// (Documentation/admin-guide/device-mapper/verity.rst). It is never sent: a device makes it from the image that it
// wrote, and compares its root with the signed one. The data run from some block of the image to its end, since what
// firmware reads comes before them; the tree lies behind the image, without a superblock; the level that the root is
// the digest of comes first.
#pragma once

#include <vector>

#include "base/json/fields.h"

namespace holdfast::trust::update {

inline constexpr Reason kVerityMalformed{"verity-malformed"};
inline constexpr Reason kVerityDiffers{"verity-differs"};

inline constexpr std::int64_t kVerityBlockBytes = 4096;

struct Verity {
  std::int64_t data_offset = 0;  ///< in the image, which is whole blocks
  Digest256 salt{};
  Digest256 root{};
  friend bool operator==(const Verity&, const Verity&) = default;
};
/// A member of an image.
Result<Verity> verity_from(json::Fields fields);
json::Value to_json(const Verity& verity);

/// The salt of a version, so that whoever builds its image knows it before it is released.
Digest256 verity_salt(std::string_view component, std::string_view version);
/// How large the tree is that lies behind an image of `length` bytes.
std::int64_t verity_tree_bytes(std::int64_t length, std::int64_t data_offset);
/// Rejected (kVerityMalformed) where the data are not whole blocks, or none.
Result<void> require_verity_fits(std::int64_t length, std::int64_t data_offset);

struct VerityTree {
  Digest256 root{};
  Blob bytes;
};

/// Makes a tree from the data, block after block.
class VerityBuilder {
 public:
  explicit VerityBuilder(const Digest256& salt) : salt_(salt) {}
  /// Whole blocks.
  void add(Bytes blocks);
  VerityTree finish() &&;

 private:
  Digest256 salt_;
  Blob digests_;  ///< of the blocks so far
};

/// What signed targets say of an image that is a root from `data_offset` on, and the tree of it.
struct MadeVerity {
  Verity verity;
  Blob tree;
};
Result<MadeVerity> make_verity(Bytes image, std::int64_t data_offset, const Digest256& salt);

}  // namespace holdfast::trust::update
