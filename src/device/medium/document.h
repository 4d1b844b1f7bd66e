// A signed document on a medium, whole.
#pragma once

#include <string>

#include "ports/medium.h"

namespace holdfast::device::medium {

/// Nothing where there is none; Rejected (kMediumUnfit) where it is larger than an envelope may be.
Result<std::optional<Blob>> read_document(ports::Medium& medium, const std::string& path);

}  // namespace holdfast::device::medium
