#include "delta/apply/record_reader.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::delta::apply {

using format::kDeltaMalformed;

RecordReader::RecordReader() : bytes_(format::kRecordBytesMax) {}

Result<bool> RecordReader::read_header(Bytes& delta) {
  const Bytes taken = delta.first(std::min(delta.size(), format::kHeaderBytes - header_bytes_.size()));
  delta = delta.subspan(taken.size());
  header_bytes_.insert(header_bytes_.end(), taken.begin(), taken.end());
  if (header_bytes_.size() < format::kHeaderBytes) return false;
  header_ = TRY(format::parse_header(header_bytes_));
  return true;
}

Result<bool> RecordReader::expand(Bytes& delta, std::span<std::uint8_t> out) {
  const Bytes offered = delta.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(delta.size(), header_->frame_length - frame_taken_)));
  const auto progress = TRY(expander_.expand(offered, out));
  delta = delta.subspan(progress.consumed);
  frame_taken_ += progress.consumed;
  size_ += progress.produced;
  if (progress.consumed > 0 || progress.produced > 0 || expander_.is_done()) return true;
  if (frame_taken_ < header_->frame_length) return false;
  return fail(Next::Corrupt, kDeltaMalformed,
              cat("delta: expected the frame to end after ", frame_taken_, " bytes, saw that it goes on"));
}

Result<bool> RecordReader::fill(Bytes& delta, std::size_t size) {
  while (size_ < size) {
    if (expander_.is_done()) {
      return fail(Next::Corrupt, kDeltaMalformed, "delta: expected an End record, saw the frame's end before it");
    }
    if (!TRY(expand(delta, std::span(bytes_).subspan(size_, size - size_)))) return false;
  }
  return true;
}

Result<bool> RecordReader::read_record(Bytes& delta) {
  if (is_whole_) {
    if (head_) size_ = 0;
    head_.reset();
    is_whole_ = false;
  }
  if (!head_) {
    if (!TRY(fill(delta, format::kRecordHeadBytes))) return false;
    head_ = TRY(format::parse_record_head(Bytes(bytes_).first(format::kRecordHeadBytes)));
    size_ = 0;
  }
  is_whole_ = TRY(fill(delta, head_->size));
  return is_whole_;
}

Result<bool> RecordReader::read_end(Bytes& delta) {
  if (head_) size_ = 0;
  head_.reset();
  while (!expander_.is_done() && size_ == 0) {
    if (!TRY(expand(delta, std::span(bytes_).first(1)))) return false;
  }
  if (size_ == 0 && frame_taken_ == header_->frame_length && delta.empty()) return true;
  return fail(Next::Corrupt, kDeltaMalformed, "delta: expected it to end after its End record, saw more bytes");
}

}  // namespace holdfast::delta::apply
