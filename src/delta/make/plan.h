// How each byte of a new image will be made: files with references rewritten in place, everything else by plain
// matches.
#pragma once

#include "delta/make/delta.h"
#include "delta/make/file_delta.h"

namespace holdfast::delta::make {

/// A file whose references are rewritten: where its bytes lie in both images.
struct RewrittenFile {
  std::vector<format::Extent> old_extents;
  std::vector<format::Extent> new_extents;
  FileDelta delta;
};

/// Bytes of the new image that a rewritten file's are.
struct Stretch {
  format::Extent at;
  std::size_t file = 0;       ///< in Plan::files
  bool is_continued = false;  ///< the file's second, after plain ones
};

struct Plan {
  std::vector<RewrittenFile> files;
  std::vector<Stretch> stretches;      ///< by place, none over another
  std::vector<format::Match> matches;  ///< image offsets, by new_begin, within what no stretch has
};

Result<Plan> make_plan(Bytes old_image, Bytes new_image, const Progress& progress);
/// The same without looking for files: better for small ones that lie about.
Plan make_plan_of_whole(Bytes old_image, Bytes new_image);

}  // namespace holdfast::delta::make
