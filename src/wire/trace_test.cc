#include "wire/trace.h"

#include <doctest/doctest.h>

#include "base/text.h"

namespace holdfast::wire {

TEST_CASE("what is sent is what is read, whatever chance gives") {
  for (const auto& random : {ByteArray<kTraceBytes>{}, ByteArray<kTraceBytes>{1, 2, 3}}) {
    const Trace trace = trace_from(random);
    CHECK(trace.size() == 32);
    CHECK(trace_of(traceparent(trace)) == trace);
  }
}

TEST_CASE("a malformed header is as good as none") {
  const std::string_view trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  CHECK(trace_of(cat("00-", trace, "-00f067aa0ba902b7-01")) == trace);
  CHECK(trace_of(cat("cc-", trace, "-00f067aa0ba902b7-00-more")) == trace);
  CHECK_FALSE(trace_of(""));
  CHECK_FALSE(trace_of(trace));
  CHECK_FALSE(trace_of(cat("ff-", trace, "-00f067aa0ba902b7-01")));
  CHECK_FALSE(trace_of(cat("00-", trace, "-00f067aa0ba902b7-01-more")));
  CHECK_FALSE(trace_of(cat("00-", trace, "-0000000000000000-01")));
  CHECK_FALSE(trace_of("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  CHECK_FALSE(trace_of(cat("00-", trace.substr(1), "-00f067aa0ba902b7-01")));
  CHECK_FALSE(trace_of("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  CHECK_FALSE(trace_of(cat("00-", trace, "-00f067aa0ba902b7-0x")));
}

}  // namespace holdfast::wire
