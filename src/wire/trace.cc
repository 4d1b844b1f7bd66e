#include "wire/trace.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::wire {
namespace {

constexpr std::size_t kHexDigits = 2 * kTraceBytes;
constexpr std::size_t kParentDigits = 16;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text, std::size_t digits) {
  return text.size() == digits && is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

Trace trace_from(const ByteArray<kTraceBytes>& random) {
  ByteArray<kTraceBytes> id = random;
  id.back() |= 1;  // never all zeros, nor is the half that stands for the parent
  return to_hex(id);
}

std::string traceparent(const Trace& trace) { return cat("00-", trace, "-", trace.substr(kParentDigits), "-01"); }

std::optional<Trace> trace_of(std::string_view header) {
  const auto parts = split(header, '-');
  if (parts.size() < 4) return std::nullopt;
  const bool is_version = parts[0].size() == 2 && is_hex(parts[0]) && parts[0] != "ff";
  const bool is_whole = parts.size() == 4 || parts[0] != "00";  // later versions may say more
  if (!is_version || !is_whole || parts[3].size() != 2 || !is_hex(parts[3])) return std::nullopt;
  if (!is_id(parts[1], kHexDigits) || !is_id(parts[2], kParentDigits)) return std::nullopt;
  return Trace(parts[1]);
}

}  // namespace holdfast::wire
