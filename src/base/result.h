// What can go wrong, said three ways: what the caller can do next, a closed reason that an auditor reads and a test
// asserts, and one sentence for people with what was expected and what was seen.
// Nobody matches on the sentence. Exceptions never cross our functions; adapters translate them into an Error.
#pragma once

#include <compare>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

/// What the caller can do about it.
enum class Next {
  Retry,      ///< the world's fault; the same call may succeed later
  Rejected,   ///< the input is wrong; the same call will never succeed
  NotFound,   ///< what was named does not exist
  Corrupt,    ///< stored or received bytes are damaged
  Denied,     ///< the caller may not do this
  Exhausted,  ///< a limit was reached; wait or ask for less
  Conflict,   ///< somebody else changed or holds it; look again, then decide
};

std::string_view name_of(Next next);

/// A word from a closed set. Each library lists its own as constants; a Reason cannot be made from run-time text.
class Reason {
 public:
  consteval explicit Reason(const char* word) : word_(word) {}
  constexpr std::string_view word() const { return word_; }
  friend constexpr bool operator==(Reason a, Reason b) { return a.word_ == b.word_; }

 private:
  std::string_view word_;
};

struct Error {
  Next next;
  Reason reason;
  std::string message;  ///< one sentence: what was expected, what was seen

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] std::unexpected<Error> fail(Next next, Reason reason, std::string message);

/// The same error, with where it happened in front of its sentence.
[[nodiscard]] std::unexpected<Error> fail_within(std::string_view where, Error error);

}  // namespace holdfast

/// The value of a Result, or return its error from the enclosing function. May stand inside another TRY.
#define TRY(...) HOLDFAST_TRY_NUMBERED(__COUNTER__, __VA_ARGS__)
#define HOLDFAST_TRY_NUMBERED(number, ...) HOLDFAST_TRY_NAMED(number, __VA_ARGS__)
#define HOLDFAST_TRY_NAMED(number, ...)                                                       \
  ({                                                                                          \
    auto try_result_##number = (__VA_ARGS__);                                                 \
    if (!try_result_##number) return std::unexpected(std::move(try_result_##number).error()); \
    *std::move(try_result_##number);                                                          \
  })
