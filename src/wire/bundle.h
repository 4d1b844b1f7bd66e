// An image repository as one file (docs/releases.md has the format): a tar archive (POSIX.1-2001, ustar with pax
// headers for long names) whose first member, `index.json`, says where each other lies, so that whoever has the file
// reads any part of it by its range. Writer and reader are here. Nothing in it is believed for being there: what is
// read is checked by signatures and digests afterwards. The reader refuses an index that is too large, names that leave
// the folder, names twice, and members that overlap or are out of order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::wire {

inline constexpr Reason kBundleTooLarge{"bundle-too-large"};
inline constexpr Reason kBundleMalformed{"bundle-malformed"};

inline constexpr std::size_t kBundleMembersMax = 20'000;
inline constexpr std::size_t kBundleIndexBytesMax = 4 * 1024 * 1024;  ///< what a device holds of it
inline constexpr std::size_t kTarBlockBytes = 512;

/// A file of the repository: its path, how many bytes it has.
struct BundleMember {
  std::string name;
  std::int64_t length = 0;
};

// Writing.

/// The header blocks of a member, with a pax header before them where the name needs one.
Result<Blob> tar_header(std::string_view name, std::int64_t length);
/// What fills a member up to whole blocks.
Blob tar_padding(std::int64_t length);
/// The first member, whole, of a bundle of these, which are in the order of their names.
Result<Blob> make_bundle_index(const std::vector<BundleMember>& members);

// Reading.

/// Where a file's bytes are in the bundle.
struct BundleRange {
  std::int64_t offset = 0;
  std::int64_t length = 0;
};
using BundleIndex = std::map<std::string, BundleRange, std::less<>>;  ///< by path

/// How long the index is, from the first block of a bundle. Its bytes follow that block.
Result<std::size_t> bundle_index_bytes(Bytes first_block);
/// Of a bundle of `bundle_bytes`; nothing in it lies outside of that.
Result<BundleIndex> read_bundle_index(Bytes index, std::int64_t bundle_bytes);

}  // namespace holdfast::wire
