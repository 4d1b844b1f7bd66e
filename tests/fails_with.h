// How a test asks why something failed; a success is simply not that failure.
#pragma once

#include "base/result.h"

namespace holdfast {

template <class T>
bool fails_with(const Result<T>& result, Reason reason) {
  return !result && result.error().reason == reason;
}

template <class T>
bool fails_with(const Result<T>& result, Next next) {
  return !result && result.error().next == next;
}

}  // namespace holdfast
