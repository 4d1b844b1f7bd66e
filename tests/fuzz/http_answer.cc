// Answers of a service that may be anybody: the first byte says in what pieces they come. What is read must not depend
// on the pieces and must keep its bound.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "linux/net/answer_reader.h"

namespace {

using namespace holdfast;
using namespace holdfast::linux::net;

constexpr std::size_t kBodyBytesMax = 256;

std::optional<Answer> read(Bytes input, std::size_t step) {
  AnswerReader reader(kBodyBytesMax);
  for (std::size_t at = 0; at < input.size() && !reader.is_complete(); at += step) {
    if (!reader.feed(input.subspan(at, std::min(step, input.size() - at)))) return std::nullopt;
  }
  if (!reader.is_complete()) return std::nullopt;
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(data + 1, size - 1);
  const auto whole = read(input, input.size());
  const auto pieces = read(input, std::size_t{data[0]} + 1);
  if (whole) CHECK_INVARIANT(whole->status >= 200 && whole->status < 600 && whole->body.size() <= kBodyBytesMax);
  if (whole && pieces) {
    CHECK_INVARIANT(whole->status == pieces->status && whole->headers == pieces->headers &&
                    whole->body == pieces->body);
  }
  return 0;
}
