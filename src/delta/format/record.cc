#include "delta/format/record.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast::delta::format {
namespace {

std::unexpected<Error> malformed(std::string_view what, std::string_view expected, std::uint64_t seen) {
  return fail(Next::Corrupt, kDeltaMalformed, cat("delta ", what, ": expected ", expected, ", saw ", seen));
}

Result<std::vector<Extent>> read_extents(NumberReader& in) {
  const std::uint8_t count = TRY(in.byte());
  if (count > kOldExtentsMax) return malformed("map", cat("at most ", kOldExtentsMax, " old extents"), count);
  std::vector<Extent> extents;
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < count; ++i) {
    Extent extent;
    extent.begin = TRY(in.number());
    extent.length = TRY(in.number());
    sum += extent.length;
    extents.push_back(extent);
  }
  if (sum > kOldFileBytesMax) return malformed("map", cat("an old file of at most ", kOldFileBytesMax, " bytes"), sum);
  return extents;
}

Result<std::vector<LoadShift>> read_shifts(NumberReader& in) {
  const std::uint8_t count = TRY(in.byte());
  if (count > kLoadsMax) return malformed("map", cat("at most ", kLoadsMax, " loads"), count);
  std::vector<LoadShift> shifts;
  for (unsigned i = 0; i < count; ++i) {
    LoadShift shift;
    shift.address = TRY(in.signed_number());
    shift.beyond = TRY(in.signed_number());
    shifts.push_back(shift);
  }
  return shifts;
}

}  // namespace

Result<RecordHead> parse_record_head(Bytes bytes) {
  CHECK_INVARIANT(bytes.size() == kRecordHeadBytes);
  if (bytes[0] > static_cast<std::uint8_t>(Tag::Continue)) return malformed("record", "a tag of 0 to 4", bytes[0]);
  const std::uint32_t size = static_cast<std::uint32_t>(bytes[1] | (bytes[2] << 8) | (bytes[3] << 16));
  if (size > kRecordBytesMax) return malformed("record", cat("at most ", kRecordBytesMax, " bytes"), size);
  return RecordHead{static_cast<Tag>(bytes[0]), size};
}

void append_record(Blob& out, Tag tag, Bytes payload) {
  CHECK_INVARIANT(payload.size() <= kRecordBytesMax);
  out.push_back(static_cast<std::uint8_t>(tag));
  for (unsigned shift = 0; shift < 24; shift += 8) out.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
  out.insert(out.end(), payload.begin(), payload.end());
}

Blob encode(const MapHead& head) {
  Blob out{static_cast<std::uint8_t>(head.kind)};
  append_number(out, head.length);
  append_number(out, head.match_count);
  out.push_back(static_cast<std::uint8_t>(head.old_extents.size()));
  for (const Extent& extent : head.old_extents) {
    append_number(out, extent.begin);
    append_number(out, extent.length);
  }
  out.push_back(static_cast<std::uint8_t>(head.shifts.size()));
  for (const LoadShift& shift : head.shifts) {
    append_signed(out, shift.address);
    append_signed(out, shift.beyond);
  }
  return out;
}

Result<MapHead> parse_map_head(Bytes payload) {
  NumberReader in(payload);
  MapHead head;
  const std::uint8_t kind = TRY(in.byte());
  if (kind > static_cast<std::uint8_t>(Kind::ElfAmd64)) return malformed("map", "a kind of 0 or 1", kind);
  head.kind = static_cast<Kind>(kind);
  head.length = TRY(in.number());
  if (head.length == 0) return malformed("map", "new bytes to make", 0);
  head.match_count = TRY(in.number());
  const bool is_plain = head.kind == Kind::Plain;
  const std::uint32_t matches_max = is_plain ? kPlainMatchesMax : kMatchesMax;
  if (head.match_count > matches_max) {
    return malformed("map", cat("at most ", matches_max, " matches"), head.match_count);
  }
  head.old_extents = TRY(read_extents(in));
  head.shifts = TRY(read_shifts(in));
  TRY(in.done("delta map"));
  if (is_plain != head.old_extents.empty()) {
    return malformed("map", is_plain ? "no old extents" : "old extents", head.old_extents.size());
  }
  return head;
}

Blob encode_matches(std::span<const Match> matches, const Match& previous) {
  CHECK_INVARIANT(matches.size() <= kRecordMatchesMax);
  Blob gaps;
  Blob lengths;
  Blob moves;
  Match before = previous;
  for (const Match& match : matches) {
    const std::uint32_t gap = match.new_begin - before.new_end();
    append_number(gaps, gap);
    append_number(lengths, match.length);
    append_signed(moves, static_cast<std::int32_t>(match.old_begin - before.old_end() - gap));
    before = match;
  }
  Blob out;
  append_number(out, static_cast<std::uint32_t>(matches.size()));
  append_number(out, static_cast<std::uint32_t>(gaps.size()));
  append_number(out, static_cast<std::uint32_t>(lengths.size()));
  for (const Blob& part : {gaps, lengths, moves}) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Result<void> parse_matches(Bytes payload, std::uint32_t count_max, std::uint64_t old_length,
                           std::vector<Match>& matches) {
  NumberReader in(payload);
  const std::uint32_t count = TRY(in.number());
  if (count > kRecordMatchesMax || count > count_max - matches.size()) {
    return malformed("matches", cat("at most ", count_max - matches.size(), " more"), count);
  }
  const std::uint32_t gaps_size = TRY(in.number());
  const std::uint32_t lengths_size = TRY(in.number());
  NumberReader gaps(TRY(in.take(gaps_size)));
  NumberReader lengths(TRY(in.take(lengths_size)));
  Match before = matches.empty() ? Match{} : matches.back();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t gap = TRY(gaps.number());
    const std::uint64_t length = TRY(lengths.number());
    const std::uint64_t new_begin = before.new_end() + gap;
    const auto old_begin =
        static_cast<std::uint32_t>(before.old_end() + gap + static_cast<std::uint32_t>(TRY(in.signed_number())));
    if (length == 0 || new_begin + length > kImageBytesMax)
      return malformed("matches", "new bytes of an image", length);
    if (old_begin + length > old_length) return malformed("matches", "bytes of the old image", old_begin + length);
    before = {static_cast<std::uint32_t>(new_begin), old_begin, static_cast<std::uint32_t>(length)};
    matches.push_back(before);
  }
  TRY(gaps.done("delta matches, gaps"));
  TRY(lengths.done("delta matches, lengths"));
  return in.done("delta matches");
}

Blob encode(const Streams& streams) {
  Blob out;
  append_number(out, streams.length);
  const std::array parts{streams.correction_gaps, streams.correction_values, streams.residual_gaps,
                         streams.residual_values};
  for (const Bytes part : parts) append_number(out, static_cast<std::uint32_t>(part.size()));
  for (const Bytes part : parts) out.insert(out.end(), part.begin(), part.end());
  out.insert(out.end(), streams.literals.begin(), streams.literals.end());
  return out;
}

Result<Streams> parse_streams(Bytes payload) {
  NumberReader in(payload);
  Streams streams;
  streams.length = TRY(in.number());
  if (streams.length == 0) return malformed("streams", "new bytes to be for", 0);
  std::array<std::uint32_t, 4> sizes{};
  for (std::uint32_t& size : sizes) size = TRY(in.number());
  streams.correction_gaps = TRY(in.take(sizes[0]));
  streams.correction_values = TRY(in.take(sizes[1]));
  streams.residual_gaps = TRY(in.take(sizes[2]));
  streams.residual_values = TRY(in.take(sizes[3]));
  streams.literals = TRY(in.take(in.remaining()));
  return streams;
}

}  // namespace holdfast::delta::format
