// Which work a request belongs to, from a device's log to the audit record (W3C Trace Context, `traceparent`). Whoever
// sends it chooses it, so that it is a name to search for and proves nothing.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace holdfast::wire {

inline constexpr std::string_view kTraceHeader = "traceparent";
inline constexpr std::size_t kTraceBytes = 16;

/// 32 hexadecimal digits, lower-case, not all zeros.
using Trace = std::string;

/// From random bytes.
Trace trace_from(const ByteArray<kTraceBytes>& random);
/// The header's value: `00-<trace>-<parent>-01`.
std::string traceparent(const Trace& trace);
/// The trace of a header's value; nothing where it is malformed, which is as good as absent (§3.2).
std::optional<Trace> trace_of(std::string_view header);

}  // namespace holdfast::wire
