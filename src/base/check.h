// CHECK states an invariant whose breach is a bug of ours. It is always on and aborts. Never use it on input.
#pragma once

namespace holdfast {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace holdfast

#define CHECK_INVARIANT(condition)                                              \
  do {                                                                          \
    if (!(condition)) ::holdfast::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
