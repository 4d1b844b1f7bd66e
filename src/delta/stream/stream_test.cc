#include <doctest/doctest.h>

#include <algorithm>

#include "delta/stream/compress.h"
#include "delta/stream/expand.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::delta::stream;

namespace {

Result<Blob> expanded(Bytes frame, std::size_t piece) {
  Expander expander;
  Blob out;
  Blob some(777);
  while (!expander.is_done()) {
    const auto progress = expander.expand(frame.first(std::min(piece, frame.size())), some);
    if (!progress) return std::unexpected(progress.error());
    frame = frame.subspan(progress->consumed);
    out.insert(out.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(progress->produced));
    if (progress->consumed == 0 && progress->produced == 0 && frame.empty()) break;
  }
  return out;
}

}  // namespace

TEST_CASE("what was compressed comes back, whatever the pieces") {
  Blob records;
  for (unsigned i = 0; i < 300'000; ++i) records.push_back(static_cast<std::uint8_t>(i * i >> 7));
  const Blob frame = compress(records);
  CHECK(frame.size() < records.size() / 2);
  for (const std::size_t piece : {1U, 100U, 1'000'000U}) CHECK(expanded(frame, piece) == records);
  CHECK(expanded(compress({}), 1) == Blob{});
}

TEST_CASE("a frame that wants a window of more than 1 MiB is refused") {
  // RFC 8878, §3.1.1: magic, descriptor 0, window descriptor for 2 MiB, an empty last block.
  const Blob frame{0x28, 0xB5, 0x2F, 0xFD, 0x00, 11 << 3, 0x01, 0x00, 0x00};
  CHECK(fails_with(expanded(frame, 100), kFrameDamaged));
  const Blob fitting{0x28, 0xB5, 0x2F, 0xFD, 0x00, 10 << 3, 0x01, 0x00, 0x00};
  CHECK(expanded(fitting, 100) == Blob{});
}

TEST_CASE("what is no frame is refused") { CHECK(fails_with(expanded(Blob(40, 9), 40), kFrameDamaged)); }
