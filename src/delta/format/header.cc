#include "delta/format/header.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::delta::format {
namespace {

constexpr std::string_view kWhat = "delta header";
constexpr std::size_t kReservedBytes = 24;

Result<ImageName> read_image(ByteReader& in) {
  ImageName image;
  image.length = TRY(in.u64());
  if (image.length > kImageBytesMax) {
    return fail(Next::Corrupt, kDeltaMalformed,
                cat(kWhat, ": expected images of at most ", kImageBytesMax, " bytes, saw ", image.length));
  }
  const Bytes digest = TRY(in.take(image.sha256.size()));
  std::copy(digest.begin(), digest.end(), image.sha256.begin());
  return image;
}

}  // namespace

Blob encode(const Header& header) {
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes(kMagic));
  for (const ImageName& image : {header.old_image, header.new_image}) out.u64(image.length).bytes(image.sha256);
  return out.u64(header.frame_length).bytes(Blob(kReservedBytes)).take();
}

Result<Header> parse_header(Bytes bytes) {
  ByteReader in(bytes, Endian::Little, kWhat);
  const Bytes magic = TRY(in.take(kMagic.size()));
  if (as_text(magic) != kMagic) {
    return fail(Next::Corrupt, kDeltaMalformed,
                cat(kWhat, ": expected it to begin with ", kMagic, ", saw ", printable(as_text(magic))));
  }
  Header header;
  header.old_image = TRY(read_image(in));
  header.new_image = TRY(read_image(in));
  header.frame_length = TRY(in.u64());
  if (header.frame_length == 0 || header.frame_length > kFrameBytesMax) {
    return fail(Next::Corrupt, kDeltaMalformed,
                cat(kWhat, ": expected a frame of 1 to ", kFrameBytesMax, " bytes, saw ", header.frame_length));
  }
  for (const std::uint8_t reserved : TRY(in.take(kReservedBytes))) {
    if (reserved == 0) continue;
    return fail(Next::Corrupt, kDeltaMalformed, cat(kWhat, ": expected reserved bytes of 0, saw ", reserved));
  }
  TRY(in.done());
  return header;
}

}  // namespace holdfast::delta::format
