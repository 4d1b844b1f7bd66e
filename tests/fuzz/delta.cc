// A delta over a small old image that is an ELF file of the input's own: the first two bytes say how long it is. What
// comes out must stay within the header's length, and be the same whatever the pieces that the delta arrives in.
#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "delta/apply/decoder.h"
#include "delta/apply/summary.h"

namespace {

using namespace holdfast;
using namespace holdfast::delta;

constexpr std::size_t kRecordsBytesMax = 128 * 1024;  ///< a block's
constexpr std::size_t kStepsMax = 100'000;
constexpr std::size_t kNewBytesMax = 1024 * 1024;  ///< more takes too long to try often

/// The digest of the segments, or none where the delta was refused.
std::optional<Digest256> applied(Bytes old_image, Bytes delta, std::size_t piece) {
  old::OldBytes source(old_image);
  apply::Decoder decoder(source);
  trust::crypto::RunningSha256 digest;
  std::uint64_t made = 0;
  Bytes at_hand;
  for (std::size_t steps = 0; steps < kStepsMax; ++steps) {
    const auto step = decoder.step(at_hand);
    if (!step || *step == apply::Step::Done) return step ? std::optional(digest.take()) : std::nullopt;
    if (decoder.header() && decoder.header()->new_image.length > kNewBytesMax) return std::nullopt;
    if (*step == apply::Step::WantsDelta) {
      if (delta.empty()) return std::nullopt;
      at_hand = delta.first(std::min(piece, delta.size()));
      delta = delta.subspan(at_hand.size());
      continue;
    }
    const auto segment = decoder.segment();
    CHECK_INVARIANT(std::uint64_t{segment.index} * format::kSegmentBytes == made);
    made += segment.bytes.size();
    CHECK_INVARIANT(made <= decoder.header()->new_image.length);
    digest.add(segment.bytes);
  }
  return std::nullopt;
}

/// Records as they stand in the input, in a frame of one stored block (RFC 8878, §3.1.1): fuzzing rarely makes one that
/// zstd accepts.
Blob framed(Bytes old_image, Bytes records, std::uint64_t new_length) {
  ByteWriter frame(Endian::Little);
  frame.u32(0xFD2FB528).u8(0).u8(10 << 3);
  const auto block = static_cast<std::uint32_t>(records.size() << 3 | 1);
  frame.u16(static_cast<std::uint16_t>(block)).u8(static_cast<std::uint8_t>(block >> 16)).bytes(records);
  const format::Header header{{old_image.size(), {}}, {new_length, {}}, frame.written().size()};
  return concat({format::encode(header), frame.written()});
}

void find_references(Bytes old_image) {
  old::OldBytes source(old_image);
  const auto finder = elf::SiteFinder::make(old::OldFile(source));
  CHECK_INVARIANT(finder);
  const elf::View view{old_image.data(), 0, static_cast<std::uint32_t>(old_image.size())};
  elf::SiteList sites;
  for (const elf::Section& section : finder->elf().sections) {
    for (std::uint32_t window = 0; std::uint64_t{window} * elf::kWindowBytes < section.length; ++window) {
      sites.clear();
      finder->find(section, window, view, sites);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Bytes input(data, size);
  const std::size_t old_size = std::min(std::size_t{data[0]} | std::size_t{data[1]} << 8, size - 4);
  const std::uint64_t new_length = std::uint64_t{data[2]} << 8 | data[3];
  const Bytes old_image = input.subspan(4, old_size);
  const Bytes rest = input.subspan(4 + old_size).first(std::min(size - 4 - old_size, kRecordsBytesMax));
  find_references(old_image);
  applied(old_image, rest, rest.size() + 1);
  const Blob delta = framed(old_image, rest, new_length);
  CHECK_INVARIANT(applied(old_image, delta, delta.size()) == applied(old_image, delta, 7));
  apply::Summariser summariser;
  Bytes all = delta;
  if (summariser.step(all)) CHECK_INVARIANT(apply::describe(summariser.summary()).ends_with("bytes\n"));
  return 0;
}
