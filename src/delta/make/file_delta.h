// One file over another: plain matches or such with references rewritten, whichever makes the smaller delta.
#pragma once

#include "delta/format/record.h"

namespace holdfast::delta::make {

struct FileDelta {
  format::Kind kind = format::Kind::Plain;
  std::vector<format::Match> matches;     ///< of the files' own offsets; none: the new file as it is
  std::vector<format::LoadShift> shifts;  ///< with references
  std::size_t estimate = 0;               ///< bytes, roughly
};

Result<FileDelta> make_file_delta(Bytes old_file, Bytes new_file);

}  // namespace holdfast::delta::make
