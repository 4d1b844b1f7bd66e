#include "delta/make/streams_writer.h"

#include <cstring>

#include "base/check.h"

namespace holdfast::delta::make {
namespace {

constexpr std::size_t kRecordEnough = 128 * 1024;

void append(Blob& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

void StreamsWriter::wrong_reference(std::int32_t change) {
  format::append_number(correction_gaps_, right_references_);
  format::append_signed(correction_values_, change);
  right_references_ = 0;
}

void StreamsWriter::match(Bytes predicted, Bytes wanted) {
  CHECK_INVARIANT(predicted.size() == wanted.size());
  length_ += static_cast<std::uint32_t>(wanted.size());
  for (std::size_t i = 0; i < wanted.size();) {
    if (i + 16 <= wanted.size() && std::memcmp(&predicted[i], &wanted[i], 16) == 0) {
      right_bytes_ += 16;
      i += 16;
      continue;
    }
    if (predicted[i] == wanted[i]) {
      ++right_bytes_;
    } else {
      format::append_number(residual_gaps_, right_bytes_);
      residual_values_.push_back(static_cast<std::uint8_t>(wanted[i] - predicted[i]));
      right_bytes_ = 0;
    }
    ++i;
  }
}

void StreamsWriter::literal(Bytes wanted) {
  length_ += static_cast<std::uint32_t>(wanted.size());
  append(literals_, wanted);
}

void StreamsWriter::end_piece() {
  const std::size_t size = correction_gaps_.size() + correction_values_.size() + residual_gaps_.size() +
                           residual_values_.size() + literals_.size();
  if (size >= kRecordEnough) close();
}

void StreamsWriter::close() {
  if (length_ == 0) return;
  format::append_record(
      records_, format::Tag::Streams,
      format::encode({length_, correction_gaps_, correction_values_, residual_gaps_, residual_values_, literals_}));
  length_ = right_references_ = right_bytes_ = 0;
  for (Blob* stream : {&correction_gaps_, &correction_values_, &residual_gaps_, &residual_values_, &literals_}) {
    stream->clear();
  }
}

}  // namespace holdfast::delta::make
