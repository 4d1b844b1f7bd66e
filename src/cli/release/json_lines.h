// Where in a JSON text something is, for whoever has to mend it: the parser that counts (base/json) says what is wrong,
// and not where. This judges nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli::release {

/// The line, from 1, on which the text stops being JSON or says a name twice; else that of the value to which these
/// names lead. 0: neither is there.
std::size_t line_of(std::string_view text, const std::vector<std::string>& names);

}  // namespace holdfast::cli::release
