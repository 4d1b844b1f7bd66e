// Where the files of an EROFS image lie, if it is a plain one: uncompressed, blocks of one file one after another.
// Others, and what is no EROFS, have no files here. Source: Linux 6.1, fs/erofs/erofs_fs.h.
#pragma once

#include <string>
#include <vector>

#include "delta/format/record.h"

namespace holdfast::delta::make {

struct ImageFile {
  std::string path;                     ///< from the root, `usr/bin/env`
  std::vector<format::Extent> extents;  ///< whole blocks, then what is left beside the inode; neither empty
  std::uint64_t length() const;
};

inline constexpr std::size_t kImageFilesMax = 1'000'000;

/// Regular files that have bytes, each once, whatever its names.
std::vector<ImageFile> files_of_erofs(Bytes image);

}  // namespace holdfast::delta::make
