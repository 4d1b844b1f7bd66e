// OLPC canonical JSON: the one byte form of a value that TUF signs and hashes. Members sorted by the code points of
// their names, no white space, strings as UTF-8 with only `"` and `\` escaped, whole numbers alone: a value with a
// fraction is refused, because no two writers agree on its digits.
#pragma once

#include "base/json/value.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kNotCanonical{"not-canonical"};

Result<Blob> canonical(const json::Value& value);

}  // namespace holdfast::trust::tuf
