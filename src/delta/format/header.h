// The 120 bytes in front of a delta's frame: which image it is over, which image comes out, how long the frame is. The
// digests are for integrity; whom to trust is decided elsewhere. A header that is damaged is refused.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "delta/format/number.h"

namespace holdfast::delta::format {

inline constexpr std::string_view kMagic{"HFDELTA1"};
inline constexpr std::size_t kHeaderBytes = 120;
inline constexpr std::uint32_t kSegmentBytes = 256 * 1024;  ///< of output; each has a digest of its own elsewhere
inline constexpr std::uint64_t kImageBytesMax = 0xFFFFFFFF;
inline constexpr std::uint64_t kFrameBytesMax = 0xFFFFFFFF;
inline constexpr unsigned kWindowLog = 20;  ///< of the frame: 1 MiB

struct ImageName {
  std::uint64_t length = 0;  ///< bytes
  Digest256 sha256{};
  friend bool operator==(const ImageName&, const ImageName&) = default;
};

struct Header {
  ImageName old_image;
  ImageName new_image;
  std::uint64_t frame_length = 0;  ///< bytes; nothing follows the frame
  friend bool operator==(const Header&, const Header&) = default;
};

Blob encode(const Header& header);
/// From exactly kHeaderBytes.
Result<Header> parse_header(Bytes bytes);

constexpr std::uint32_t segment_count(std::uint64_t image_length) {
  return static_cast<std::uint32_t>((image_length + kSegmentBytes - 1) / kSegmentBytes);
}

}  // namespace holdfast::delta::format
