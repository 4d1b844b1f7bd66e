#include "delta/apply/decoder.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::delta::apply {

using format::kDeltaMalformed;
using format::kSegmentBytes;
using format::Tag;

Decoder::Decoder(old::OldImage& old_image, std::uint32_t first_segment)
    : old_image_(old_image), first_segment_(first_segment), rebuilder_(old_image), segment_(kSegmentBytes) {}

Result<Step> Decoder::step(Bytes& delta) {
  if (failed_) return std::unexpected(*failed_);
  auto done = advance(delta);
  if (!done) failed_ = done.error();
  return done;
}

Decoder::Segment Decoder::segment() const {
  CHECK_INVARIANT(handed_out_);
  return {static_cast<std::uint32_t>(made_ / kSegmentBytes), Bytes(segment_).first(segment_size_)};
}

Result<Step> Decoder::advance(Bytes& delta) {
  if (done_) return Step::Done;
  if (handed_out_) put_away_segment();
  if (!header()) {
    if (!TRY(reader_.read_header(delta))) return Step::WantsDelta;
    TRY(require_old_length());
  }
  while (!ended_) {
    TRY(fill_segment());
    if (is_segment_whole()) {
      digest_.add(Bytes(segment_).first(segment_size_));
      handed_out_ = made_ / kSegmentBytes >= first_segment_;
      if (handed_out_) return Step::Segment;
      put_away_segment();
      continue;
    }
    if (!TRY(reader_.read_record(delta))) return Step::WantsDelta;
    TRY(take_record());
  }
  return finish(delta);
}

void Decoder::put_away_segment() {
  made_ += segment_size_;
  segment_size_ = 0;
  handed_out_ = false;
}

Result<void> Decoder::require_old_length() const {
  if (header()->old_image.length == old_image_.length()) return {};
  return fail(
      Next::Rejected, kOldImageOther,
      cat("delta: expected an old image of ", header()->old_image.length, " bytes, saw one of ", old_image_.length()));
}

Result<void> Decoder::take_record() {
  const Bytes payload = reader_.payload();
  switch (reader_.tag()) {
    case Tag::Map: return rebuilder_.begin(TRY(format::parse_map_head(payload)));
    case Tag::Matches: return rebuilder_.add_matches(payload);
    case Tag::Streams: return rebuilder_.take_streams(payload);
    case Tag::Continue: {
      format::NumberReader in(payload);
      const std::uint32_t length = TRY(in.number());
      TRY(in.done("delta continue"));
      return rebuilder_.resume(length);
    }
    case Tag::End: ended_ = true;
  }
  return format::NumberReader(payload).done("delta end");
}

Result<void> Decoder::fill_segment() {
  while (rebuilder_.remaining() > 0 && segment_size_ < segment_.size()) {
    const std::uint64_t place = made_ + segment_size_;
    const std::uint64_t left = header()->new_image.length - place;
    if (rebuilder_.remaining() > left) {
      return fail(Next::Corrupt, kDeltaMalformed,
                  cat("delta: expected a new image of ", header()->new_image.length, " bytes, saw a longer one"));
    }
    segment_size_ += TRY(rebuilder_.make(place, std::span(segment_).subspan(segment_size_)));
  }
  return {};
}

bool Decoder::is_segment_whole() const {
  const bool is_last = made_ + segment_size_ == header()->new_image.length;
  return segment_size_ == segment_.size() || (is_last && segment_size_ > 0);
}

Result<Step> Decoder::finish(Bytes& delta) {
  if (made_ != header()->new_image.length) {
    return fail(Next::Corrupt, kDeltaMalformed,
                cat("delta: expected a new image of ", header()->new_image.length, " bytes, saw one of ", made_));
  }
  if (!TRY(reader_.read_end(delta))) return Step::WantsDelta;
  const Digest256 digest = digest_.take();
  if (digest != header()->new_image.sha256) {
    return fail(Next::Corrupt, kNewImageDiffers,
                cat("delta: expected a new image with the SHA-256 ", to_hex(header()->new_image.sha256), ", saw ",
                    to_hex(digest)));
  }
  done_ = true;
  return Step::Done;
}

}  // namespace holdfast::delta::apply
