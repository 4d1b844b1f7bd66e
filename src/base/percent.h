// Text as a part of an address: percent-encoding (RFC 3986 §2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Unreserved characters (§2.3) stay, and so do those of `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// What was encoded; nothing where a `%` is not followed by two hex digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace holdfast
