// Requests of a stranger: the first byte says in what pieces they come. What is read must not depend on the pieces,
// must keep its bounds, and must be one request with one meaning.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "linux/http/request_reader.h"

namespace {

using namespace holdfast;
using namespace holdfast::linux::http;

constexpr std::size_t kHeadBytesMax = 512;
constexpr std::size_t kBodyBytesMax = 256;

std::optional<Request> read(Bytes input, std::size_t step) {
  RequestReader reader(kHeadBytesMax, kBodyBytesMax);
  for (std::size_t at = 0; at < input.size(); at += step) {
    const auto reading = reader.feed(input.subspan(at, std::min(step, input.size() - at)));
    if (!reading) {
      CHECK_INVARIANT(reading.error().status >= 400);
      return std::nullopt;
    }
    if (*reading == Reading::Complete) return reader.take().request;
  }
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(data + 1, size - 1);
  const auto whole = read(input, input.size());
  const auto pieces = read(input, std::size_t{data[0]} + 1);
  for (const auto& request : {whole, pieces}) {
    if (!request) continue;
    CHECK_INVARIANT(request->path.starts_with('/') && request->body.size() <= kBodyBytesMax);
    CHECK_INVARIANT(std::ranges::count(request->headers, "host", &std::pair<std::string, std::string>::first) == 1);
  }
  if (whole && pieces) {
    CHECK_INVARIANT(whole->method == pieces->method && whole->path == pieces->path && whole->query == pieces->query &&
                    whole->headers == pieces->headers && whole->body == pieces->body);
  }
  return 0;
}
