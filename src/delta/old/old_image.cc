#include "delta/old/old_image.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::delta::old {
namespace {

std::unexpected<Error> outside(std::uint64_t end, std::uint64_t length) {
  return fail(Next::Corrupt, kOldImageOutside,
              cat("delta: expected old bytes within ", length, ", saw some up to ", end));
}

}  // namespace

Result<void> OldBytes::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  CHECK_INVARIANT(offset <= bytes_.size() && out.size() <= bytes_.size() - offset);
  std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
  return {};
}

OldFile::OldFile(OldImage& image)
    : image_(&image), length_(static_cast<std::uint32_t>(std::min(image.length(), format::kImageBytesMax))) {
  extents_.push_back({0, length_});
}

Result<OldFile> OldFile::make(OldImage& image, const std::vector<format::Extent>& extents) {
  OldFile file(image);
  std::uint64_t length = 0;
  for (const format::Extent& extent : extents) {
    const std::uint64_t end = std::uint64_t{extent.begin} + extent.length;
    if (end > image.length()) return outside(end, image.length());
    length += extent.length;
  }
  CHECK_INVARIANT(length <= format::kImageBytesMax);
  file.extents_ = extents;
  file.length_ = static_cast<std::uint32_t>(length);
  return file;
}

Result<void> OldFile::read(std::uint32_t offset, std::span<std::uint8_t> out) const {
  if (offset > length_ || out.size() > length_ - offset) return outside(std::uint64_t{offset} + out.size(), length_);
  for (const format::Extent& extent : extents_) {
    if (out.empty()) break;
    if (offset >= extent.length) {
      offset -= extent.length;
      continue;
    }
    const std::size_t here = std::min<std::size_t>(out.size(), extent.length - offset);
    TRY(image_->read(std::uint64_t{extent.begin} + offset, out.first(here)));
    out = out.subspan(here);
    offset = 0;
  }
  return {};
}

}  // namespace holdfast::delta::old
