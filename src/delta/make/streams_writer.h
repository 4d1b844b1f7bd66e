// Collects what the decoder will read as Streams, and closes a record when there is enough for one: streams of a kind
// side by side compress best. Told in the decoder's order: the references of a piece, then its bytes.
#pragma once

#include "delta/format/record.h"

namespace holdfast::delta::make {

class StreamsWriter {
 public:
  explicit StreamsWriter(Blob& records) : records_(records) {}

  void right_reference() { ++right_references_; }
  void wrong_reference(std::int32_t change);
  /// A piece of a match: as the decoder makes it from the old bytes, and as it must be.
  void match(Bytes predicted, Bytes wanted);
  void literal(Bytes wanted);
  /// The piece is over; the record may be.
  void end_piece();
  /// Ends the record, if one is open: where a map ends.
  void close();

 private:
  Blob& records_;
  std::uint32_t length_ = 0;
  std::uint32_t right_references_ = 0;
  std::uint32_t right_bytes_ = 0;
  Blob correction_gaps_;
  Blob correction_values_;
  Blob residual_gaps_;
  Blob residual_values_;
  Blob literals_;
};

}  // namespace holdfast::delta::make
