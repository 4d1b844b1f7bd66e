// Sentences without a formatting library, and untrusted text made safe to print.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

inline void append(std::string& out, std::string_view part) { out += part; }
inline void append(std::string& out, char part) { out += part; }
template <std::integral T>
  requires(!std::same_as<T, char> && !std::same_as<T, bool>)
void append(std::string& out, T part) {
  out += std::to_string(part);
}

/// One string from text and whole numbers.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}

/// Untrusted text for a terminal or a log: printable ASCII and valid UTF-8 letters stay, everything else becomes \xNN;
/// cut at `bytes_max` with an ellipsis.
std::string printable(std::string_view text, std::size_t bytes_max = 200);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);

}  // namespace holdfast
