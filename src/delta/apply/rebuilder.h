// New bytes from maps and streams, a piece at a time. It is told records in the frame's order and refuses what does not
// fit together: streams without a map, more new bytes than the map has, corrections that are missing or left over.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "delta/elf/references.h"

namespace holdfast::delta::apply {

class Rebuilder {
 public:
  explicit Rebuilder(old::OldImage& image) : image_(image), plain_file_(image) {}

  /// A new map, whose matches follow.
  Result<void> begin(format::MapHead head);
  Result<void> add_matches(Bytes payload);
  /// `length` more bytes by the last map with references.
  Result<void> resume(std::uint32_t length);
  /// `payload` must stay until the streams are used up.
  Result<void> take_streams(Bytes payload);

  /// New bytes that the streams at hand are still for.
  std::uint32_t remaining() const { return streams_left_; }
  /// Makes at most `out.size()` of them, whose first is at `place` of the new image. Pieces end at multiples of
  /// format::kPieceBytes there, so `out` should as well. Returns how many.
  Result<std::size_t> make(std::uint64_t place, std::span<std::uint8_t> out);

 private:
  /// A map under way: its matches, and how far it has come.
  struct Mapping {
    format::MapHead head;
    std::vector<format::Match> matches;
    std::size_t next = 0;    ///< the match at or after `at`
    std::uint32_t at = 0;    ///< new offset, from the map's first new byte
    std::uint32_t left = 0;  ///< new bytes until it ends or is interrupted
    std::optional<old::OldFile> file;
    std::uint32_t read_begin = 0;  ///< what around_ has of the file
    std::uint32_t read_end = 0;
    std::optional<elf::References> references;
  };
  /// Corrections of references, as they come.
  struct Corrections {
    format::NumberReader gaps;
    format::NumberReader values;
    std::uint32_t right = 0;  ///< references before the next wrong one
    bool is_over = true;
    bool is_wrong(const elf::Prediction&);
    Result<std::int32_t> next();
    Result<void> read_gap();
  };

  Mapping* mapping();
  Result<void> require_matches() const;
  Result<void> copy(Mapping& map, const format::Match& match, std::span<std::uint8_t> out);
  Result<const std::uint8_t*> old_bytes(Mapping& map, std::uint32_t begin, std::uint32_t end);
  Result<void> rewrite(Mapping& map, std::uint32_t old_begin, std::span<std::uint8_t> out);
  Result<void> correct(std::span<std::uint8_t> out);
  Result<void> read_residual_gap();
  Result<void> require_used_up() const;

  old::OldImage& image_;
  old::OldFile plain_file_;
  Mapping plain_;
  Mapping with_references_;
  format::Kind kind_ = format::Kind::Plain;
  std::uint32_t maps_ = 0;
  bool has_map_ = false;
  bool can_resume_ = false;
  std::uint32_t streams_left_ = 0;
  Corrections corrections_;
  format::NumberReader residual_gaps_;
  format::NumberReader residual_values_;
  format::NumberReader literals_;
  std::uint32_t residual_right_ = 0;  ///< bytes of matches before the next wrong one
  bool residual_is_over_ = true;
  Blob around_;  ///< old bytes of a piece with what is around them
};

}  // namespace holdfast::delta::apply
