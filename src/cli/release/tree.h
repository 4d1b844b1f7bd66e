// What is in an image, read from the tree of files that it was made of, for those who look after devices: a bill of
// materials in CycloneDX 1.5 (each Debian package and each file with its SHA-256), and the build id of each ELF file.
// The same tree gives the same bytes: nothing in them is of the day or the machine.
#pragma once

#include "cli/release/packages.h"
#include "cli/world/files.h"
#include "trust/update/image.h"

namespace holdfast::cli::release {

inline constexpr std::size_t kTreeFileBytesMax = 2UL * 1024 * 1024 * 1024;

struct Described {
  Blob sbom;
  Blob build_ids;  ///< {"build_ids": [{path, build_id}]}; empty: no ELF file has one
  std::size_t packages = 0;
  std::size_t files = 0;
};

/// Of `folder`, the tree that `image` was made of. Links are not followed and are no files.
Result<Described> describe_tree(Files& files, const std::string& folder, const trust::update::Image& image);

}  // namespace holdfast::cli::release
