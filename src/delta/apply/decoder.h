// The new image from the old one and a delta that arrives in pieces. Each step takes what it wants of the delta's bytes
// and stops where the caller has something to do: bring more bytes, or judge a segment against its signed digest and
// write it. Nothing is called back, and memory is bounded (below 4 MiB) whatever the delta says. What comes out is
// checked against the header's digest; Done means that it was right. An error is final.
#pragma once

#include <optional>

#include "delta/apply/rebuilder.h"
#include "delta/apply/record_reader.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::delta::apply {

inline constexpr Reason kOldImageOther{"old-image-other"};      ///< its length is not the header's
inline constexpr Reason kNewImageDiffers{"new-image-differs"};  ///< its digest is not the header's

enum class Step {
  WantsDelta,  ///< all that was given is used up
  Segment,     ///< segment() is there until the next step
  Done,        ///< the image was whole and had the header's digest
};

class Decoder {
 public:
  /// `old_image` must outlive it. Segments before `first_segment`, which are on disk already, are rebuilt (that costs
  /// reading the old image, and no writing) and not given out: so a device that lost power goes on with the delta bytes
  /// that it kept.
  explicit Decoder(old::OldImage& old_image, std::uint32_t first_segment = 0);

  /// Takes bytes from the front of `delta`.
  Result<Step> step(Bytes& delta);

  struct Segment {
    std::uint32_t index;  ///< its bytes begin at index * format::kSegmentBytes of the new image
    Bytes bytes;
  };
  Segment segment() const;

  /// Once the delta's first format::kHeaderBytes were read.
  const std::optional<format::Header>& header() const { return reader_.header(); }

 private:
  Result<Step> advance(Bytes& delta);
  Result<void> require_old_length() const;
  Result<void> take_record();
  Result<void> fill_segment();
  bool is_segment_whole() const;
  void put_away_segment();
  Result<Step> finish(Bytes& delta);

  old::OldImage& old_image_;
  std::uint32_t first_segment_;
  RecordReader reader_;
  Rebuilder rebuilder_;
  std::vector<std::uint8_t> segment_;
  std::size_t segment_size_ = 0;
  std::uint64_t made_ = 0;  ///< bytes of the new image before segment_
  bool handed_out_ = false;
  bool ended_ = false;  ///< the End record was read
  bool done_ = false;
  trust::crypto::RunningSha256 digest_;
  std::optional<Error> failed_;
};

}  // namespace holdfast::delta::apply
