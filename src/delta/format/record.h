// What a delta's frame holds: records of a tag, a length and that many bytes. A Map says which old bytes the next new
// ones come from, as Matches; Streams say how they differ. Reading is exact and bounded: what breaks a bound of these
// is refused before memory is taken for it. docs/delta.md has the format byte for byte.
#pragma once

#include <vector>

#include "delta/format/header.h"

namespace holdfast::delta::format {

inline constexpr std::size_t kRecordBytesMax = 384 * 1024;
inline constexpr std::uint32_t kMatchesMax = 49'152;        ///< of one map with references
inline constexpr std::uint32_t kPlainMatchesMax = 8'192;    ///< of one without
inline constexpr std::uint32_t kRecordMatchesMax = 16'384;  ///< of one record
inline constexpr std::size_t kOldExtentsMax = 4;
inline constexpr std::uint32_t kOldFileBytesMax = 0x7FFFFFFF;  ///< with references
inline constexpr std::uint32_t kMapsMax = 262'144;             ///< of one delta
inline constexpr std::size_t kLoadsMax = 16;
/// New bytes are rebuilt in pieces that end at multiples of this, where a match ends, and where Streams end.
inline constexpr std::uint32_t kPieceBytes = 64 * 1024;

enum class Tag : std::uint8_t {
  End = 0,       ///< the image is whole
  Map = 1,       ///< new matches; what the decoder knew of an earlier map is gone
  Matches = 2,   ///< some of the last Map's
  Streams = 3,   ///< corrections for the next bytes
  Continue = 4,  ///< more bytes by the last map with references, after plain ones
};

enum class Kind : std::uint8_t {
  Plain = 0,     ///< old offsets are the image's
  ElfAmd64 = 1,  ///< old offsets are a file's, whose references are rewritten
};

struct RecordHead {
  Tag tag;
  std::uint32_t size;  ///< bytes that follow the head
};
inline constexpr std::size_t kRecordHeadBytes = 4;  ///< tag, then 24 bits, little-endian
Result<RecordHead> parse_record_head(Bytes bytes);
void append_record(Blob& out, Tag tag, Bytes payload);

/// Bytes of the old image that are, one after another, a file's.
struct Extent {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// What became of one PT_LOAD of the old file: by how much more the new one's addresses exceed its file offsets, and by
/// how much addresses beyond its bytes in the file moved.
struct LoadShift {
  std::int32_t address = 0;
  std::int32_t beyond = 0;
  friend bool operator==(const LoadShift&, const LoadShift&) = default;
};

struct MapHead {
  Kind kind = Kind::Plain;
  std::uint32_t length = 0;  ///< new bytes until the next Map or Continue
  std::uint32_t match_count = 0;
  std::vector<Extent> old_extents;  ///< none for Plain
  std::vector<LoadShift> shifts;    ///< one for each PT_LOAD of the old file; none for Plain
  friend bool operator==(const MapHead&, const MapHead&) = default;
};
Blob encode(const MapHead& head);
Result<MapHead> parse_map_head(Bytes payload);

/// Equal bytes but for the residual. New offsets are counted from the map's first new byte.
struct Match {
  std::uint32_t new_begin = 0;
  std::uint32_t old_begin = 0;
  std::uint32_t length = 0;
  friend bool operator==(const Match&, const Match&) = default;
  std::uint32_t new_end() const { return new_begin + length; }
  std::uint32_t old_end() const { return old_begin + length; }
};
/// `previous`: the match before the first of these, a Match{} before the first of all.
Blob encode_matches(std::span<const Match> matches, const Match& previous);
/// Appends to `matches`, which holds the map's earlier ones. Refused: more than `count_max` in all, empty ones, and
/// what does not fit 32 bits or `old_length`.
Result<void> parse_matches(Bytes payload, std::uint32_t count_max, std::uint64_t old_length,
                           std::vector<Match>& matches);

struct Streams {
  std::uint32_t length = 0;  ///< new bytes that these are for
  Bytes correction_gaps;     ///< for each wrong reference: right ones before it
  Bytes correction_values;   ///< and by how much it is wrong, 0: it is as in the old file
  Bytes residual_gaps;       ///< for each wrong byte of a match: right ones before it
  Bytes residual_values;     ///< and what to add
  Bytes literals;            ///< bytes between matches
};
Blob encode(const Streams& streams);
Result<Streams> parse_streams(Bytes payload);

}  // namespace holdfast::delta::format
