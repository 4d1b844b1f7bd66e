// One zstd frame of a delta's records, made in one go.
#pragma once

#include "base/bytes.h"

namespace holdfast::delta::stream {

/// As small as zstd can with a window that a device has memory for (format::kWindowLog).
Blob compress(Bytes records);

/// How many bytes it would take, roughly and quickly.
std::size_t estimate(Bytes records);

}  // namespace holdfast::delta::stream
