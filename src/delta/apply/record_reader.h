// A delta's header and then its records, one after another, from bytes that arrive in pieces. Holds one record at a
// time, of at most format::kRecordBytesMax.
#pragma once

#include <optional>

#include "delta/format/record.h"
#include "delta/stream/expand.h"

namespace holdfast::delta::apply {

class RecordReader {
 public:
  RecordReader();

  /// Takes bytes from the front of `delta`; false: it wants more of them.
  Result<bool> read_header(Bytes& delta);
  /// The same for the next record, which is there until the next call.
  Result<bool> read_record(Bytes& delta);
  /// After the End record: the frame must end, and the delta with it.
  Result<bool> read_end(Bytes& delta);

  const std::optional<format::Header>& header() const { return header_; }
  format::Tag tag() const { return head_->tag; }
  Bytes payload() const { return Bytes(bytes_).first(head_->size); }

 private:
  Result<bool> fill(Bytes& delta, std::size_t size);
  /// Whether that made progress.
  Result<bool> expand(Bytes& delta, std::span<std::uint8_t> out);

  Blob header_bytes_;
  std::optional<format::Header> header_;
  stream::Expander expander_;
  std::uint64_t frame_taken_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
  std::optional<format::RecordHead> head_;
  bool is_whole_ = true;  ///< the record of head_ was given out, or there was none yet
};

}  // namespace holdfast::delta::apply
