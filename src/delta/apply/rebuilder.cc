#include "delta/apply/rebuilder.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::delta::apply {

using format::kDeltaMalformed;
using format::Kind;

namespace {

constexpr std::uint32_t kReadAhead = 2 * 1024;
static_assert(kReadAhead < format::kPieceBytes);

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return fail(Next::Corrupt, kDeltaMalformed, cat("delta: expected ", expected, ", saw ", seen));
}

}  // namespace

Rebuilder::Mapping* Rebuilder::mapping() { return kind_ == Kind::Plain ? &plain_ : &with_references_; }

Result<void> Rebuilder::begin(format::MapHead head) {
  TRY(require_matches());
  if (mapping()->left > 0 && has_map_) return malformed("a map's bytes", "the next map before its end");
  if (++maps_ > format::kMapsMax) return malformed(cat("at most ", format::kMapsMax, " maps"), "more");
  has_map_ = true;
  kind_ = head.kind;
  Mapping& map = *mapping();
  map = Mapping{};
  map.left = head.length;
  if (kind_ == Kind::Plain) {
    map.file = plain_file_;
  } else {
    map.file = TRY(old::OldFile::make(image_, head.old_extents));
    can_resume_ = true;
  }
  map.matches.reserve(head.match_count);
  map.head = std::move(head);
  return {};
}

Result<void> Rebuilder::add_matches(Bytes payload) {
  if (!has_map_) return malformed("a map before matches", "none");
  Mapping& map = *mapping();
  return format::parse_matches(payload, map.head.match_count, map.file->length(), map.matches);
}

Result<void> Rebuilder::require_matches() const {
  const Mapping& map = kind_ == Kind::Plain ? plain_ : with_references_;
  if (!has_map_ || map.matches.size() == map.head.match_count) return {};
  return malformed(cat(map.head.match_count, " matches"), cat(map.matches.size()));
}

Result<void> Rebuilder::resume(std::uint32_t length) {
  if (!can_resume_ || kind_ != Kind::Plain) return malformed("a map with references to continue", "none");
  TRY(require_matches());
  if (plain_.left > 0) return malformed("a map's bytes", "another continued before its end");
  kind_ = Kind::ElfAmd64;
  with_references_.left = length;
  return {};
}

Result<void> Rebuilder::take_streams(Bytes payload) {
  if (!has_map_) return malformed("a map before streams", "none");
  TRY(require_matches());
  CHECK_INVARIANT(streams_left_ == 0);
  const format::Streams streams = TRY(format::parse_streams(payload));
  Mapping& map = *mapping();
  if (streams.length > map.left) {
    return malformed(cat("streams for at most ", map.left, " bytes"), cat(streams.length));
  }
  if (kind_ != Kind::Plain && !map.references) {
    map.references = TRY(elf::References::make(*map.file, map.head.shifts, map.matches));
  }
  streams_left_ = streams.length;
  corrections_ = {format::NumberReader(streams.correction_gaps), format::NumberReader(streams.correction_values)};
  TRY(corrections_.read_gap());
  residual_gaps_ = format::NumberReader(streams.residual_gaps);
  residual_values_ = format::NumberReader(streams.residual_values);
  literals_ = format::NumberReader(streams.literals);
  return read_residual_gap();
}

Result<std::size_t> Rebuilder::make(std::uint64_t place, std::span<std::uint8_t> out) {
  Mapping& map = *mapping();
  const std::size_t to_piece_end = format::kPieceBytes - place % format::kPieceBytes;
  const std::size_t size = std::min({out.size(), to_piece_end, std::size_t{streams_left_}});
  for (auto left = out.first(size); !left.empty();) {
    const bool in_match = map.next < map.matches.size() && map.matches[map.next].new_begin <= map.at;
    const std::uint32_t stretch_end = map.next == map.matches.size() ? 0xFFFFFFFF
                                      : in_match                     ? map.matches[map.next].new_end()
                                                                     : map.matches[map.next].new_begin;
    const auto part = left.first(std::min<std::size_t>(left.size(), stretch_end - map.at));
    if (part.empty()) return malformed("an image of less than 4 GiB", "more");
    if (in_match) {
      TRY(copy(map, map.matches[map.next], part));
    } else {
      std::ranges::copy(TRY(literals_.take(part.size())), part.begin());
    }
    map.at += static_cast<std::uint32_t>(part.size());
    if (in_match && map.at == stretch_end) ++map.next;
    left = left.subspan(part.size());
  }
  map.left -= static_cast<std::uint32_t>(size);
  streams_left_ -= static_cast<std::uint32_t>(size);
  if (streams_left_ == 0) TRY(require_used_up());
  return size;
}

Result<void> Rebuilder::copy(Mapping& map, const format::Match& match, std::span<std::uint8_t> out) {
  const std::uint32_t old_begin = match.old_begin + (map.at - match.new_begin);
  if (map.references) {
    TRY(rewrite(map, old_begin, out));
  } else {
    TRY(map.file->read(old_begin, out));
  }
  return correct(out);
}

Result<void> Rebuilder::rewrite(Mapping& map, std::uint32_t old_begin, std::span<std::uint8_t> out) {
  const std::uint32_t begin = old_begin - std::min(old_begin, elf::kViewBehind);
  const std::uint64_t old_end = std::uint64_t{old_begin} + out.size();
  const auto end = static_cast<std::uint32_t>(std::min<std::uint64_t>(map.file->length(), old_end + elf::kViewAhead));
  const std::uint8_t* around = TRY(old_bytes(map, begin, end));
  std::copy_n(around + (old_begin - begin), out.size(), out.begin());
  return map.references->rewrite({around, begin, end}, old_begin, map.at, out, corrections_);
}

/// Matches are short and follow one another, so a few bytes more are read than asked for.
Result<const std::uint8_t*> Rebuilder::old_bytes(Mapping& map, std::uint32_t begin, std::uint32_t end) {
  if (begin < map.read_begin || end > map.read_end) {
    const std::uint64_t wanted_end = std::max(std::uint64_t{end}, std::uint64_t{begin} + kReadAhead);
    map.read_begin = map.read_end = 0;
    around_.resize(std::size_t{format::kPieceBytes} + elf::kViewBehind + elf::kViewAhead);
    const auto read_end = static_cast<std::uint32_t>(std::min<std::uint64_t>(map.file->length(), wanted_end));
    TRY(map.file->read(begin, std::span(around_).first(read_end - begin)));
    map.read_begin = begin;
    map.read_end = read_end;
  }
  return around_.data() + (begin - map.read_begin);
}

Result<void> Rebuilder::correct(std::span<std::uint8_t> out) {
  while (!residual_is_over_) {
    if (residual_right_ >= out.size()) {
      residual_right_ -= static_cast<std::uint32_t>(out.size());
      break;
    }
    std::uint8_t& wrong = out[residual_right_];
    wrong = static_cast<std::uint8_t>(wrong + TRY(residual_values_.byte()));
    out = out.subspan(residual_right_ + std::size_t{1});
    TRY(read_residual_gap());
  }
  return {};
}

Result<void> Rebuilder::read_residual_gap() {
  residual_is_over_ = residual_gaps_.is_empty();
  if (!residual_is_over_) residual_right_ = TRY(residual_gaps_.number());
  return {};
}

Result<void> Rebuilder::require_used_up() const {
  if (!residual_is_over_ || !corrections_.is_over)
    return malformed("corrections of bytes that are made", "one after them");
  TRY(residual_values_.done("delta streams, residual"));
  TRY(corrections_.values.done("delta streams, references"));
  return literals_.done("delta streams, literals");
}

bool Rebuilder::Corrections::is_wrong(const elf::Prediction&) {
  if (is_over) return false;
  if (right == 0) return true;
  --right;
  return false;
}

Result<std::int32_t> Rebuilder::Corrections::next() {
  const std::int32_t change = TRY(values.signed_number());
  TRY(read_gap());
  return change;
}

Result<void> Rebuilder::Corrections::read_gap() {
  is_over = gaps.is_empty();
  if (!is_over) right = TRY(gaps.number());
  return {};
}

}  // namespace holdfast::delta::apply
