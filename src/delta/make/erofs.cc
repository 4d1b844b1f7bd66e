#include "delta/make/erofs.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/text.h"
#include "delta/elf/words.h"

namespace holdfast::delta::make {
namespace {

using elf::word_at;

constexpr std::size_t kSuperOffset = 1024;
constexpr std::size_t kSuperBytes = 128;
constexpr std::uint32_t kMagic = 0xE0F5E1E2;
constexpr unsigned kBlockBits = 12;
constexpr std::uint64_t kInodeSlotBytes = 32;
constexpr std::uint64_t kDirentBytes = 12;
constexpr std::size_t kDepthMax = 64;
constexpr std::uint16_t kTypeMask = 0xF000;
constexpr std::uint16_t kTypeRegular = 0x8000;
constexpr std::uint16_t kTypeDirectory = 0x4000;
constexpr unsigned kFlatPlain = 0;
constexpr unsigned kFlatInline = 2;

struct Inode {
  std::uint16_t mode = 0;
  std::vector<format::Extent> extents;
};

class Walk {
 public:
  explicit Walk(Bytes image) : image_(image) {}

  std::vector<ImageFile> run() {
    if (image_.size() < kSuperOffset + kSuperBytes) return {};
    const std::uint8_t* super = &image_[kSuperOffset];
    if (word_at<std::uint32_t>(super) != kMagic || super[12] != kBlockBits) return {};
    inodes_begin_ = std::uint64_t{word_at<std::uint32_t>(super + 40)} << kBlockBits;
    directory(word_at<std::uint16_t>(super + 14), "", 0);
    return std::move(files_);
  }

 private:
  bool has(std::uint64_t begin, std::uint64_t length) const {
    return begin <= image_.size() && length <= image_.size() - begin;
  }

  std::optional<Inode> inode(std::uint64_t number) const {
    const std::uint64_t at = inodes_begin_ + number * kInodeSlotBytes;
    if (number > image_.size() || !has(at, 64)) return std::nullopt;
    const std::uint8_t* raw = &image_[at];
    const auto format = word_at<std::uint16_t>(raw);
    const bool is_extended = (format & 1) != 0;
    const unsigned layout = (format >> 1) & 7;
    if (layout != kFlatPlain && layout != kFlatInline) return std::nullopt;
    const std::uint64_t xattrs = word_at<std::uint16_t>(raw + 2);
    const std::uint64_t size = is_extended ? word_at<std::uint64_t>(raw + 8) : word_at<std::uint32_t>(raw + 8);
    const std::uint64_t blocks = std::uint64_t{word_at<std::uint32_t>(raw + 16)} << kBlockBits;
    const std::uint64_t tail = layout == kFlatInline ? size & ((1U << kBlockBits) - 1) : 0;
    const std::uint64_t tail_at = at + (is_extended ? 64 : 32) + (xattrs == 0 ? 0 : 12 + 4 * (xattrs - 1));
    if (size > image_.size() || (size > tail && !has(blocks, size - tail)) || !has(tail_at, tail)) return std::nullopt;
    Inode found{word_at<std::uint16_t>(raw + 4), {}};
    if (size > tail) found.extents.push_back(extent(blocks, size - tail));
    if (tail > 0) found.extents.push_back(extent(tail_at, tail));
    return found;
  }

  static format::Extent extent(std::uint64_t begin, std::uint64_t length) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length)};
  }

  void directory(std::uint64_t number, const std::string& path, std::size_t depth) {
    const auto found = inode(number);
    if (!found || depth > kDepthMax || (found->mode & kTypeMask) != kTypeDirectory) return;
    for (const format::Extent& part : found->extents) {
      for (std::uint32_t at = 0; at < part.length; at += 1U << kBlockBits) {
        block(image_.subspan(part.begin + at, std::min(part.length - at, 1U << kBlockBits)), path, depth);
      }
    }
  }

  /// Entries, then their names.
  void block(Bytes bytes, const std::string& path, std::size_t depth) {
    if (bytes.size() < kDirentBytes) return;
    const std::size_t count = word_at<std::uint16_t>(&bytes[8]) / kDirentBytes;
    for (std::size_t i = 0; i < count && (i + 1) * kDirentBytes <= bytes.size(); ++i) {
      const std::uint8_t* entry = &bytes[i * kDirentBytes];
      const std::size_t begin = word_at<std::uint16_t>(entry + 8);
      const std::size_t end = i + 1 < count && (i + 2) * kDirentBytes <= bytes.size()
                                  ? word_at<std::uint16_t>(entry + kDirentBytes + 8)
                                  : bytes.size();
      if (begin > end || end > bytes.size()) continue;
      std::string name = to_text(bytes.subspan(begin, end - begin));
      name.resize(std::min(name.size(), name.find('\0')));
      if (name.empty() || name == "." || name == "..") continue;
      entered(word_at<std::uint64_t>(entry), path.empty() ? name : cat(path, "/", name), depth);
    }
  }

  void entered(std::uint64_t number, const std::string& path, std::size_t depth) {
    if (files_.size() >= kImageFilesMax || !seen_.insert(number).second) return;
    auto found = inode(number);
    if (!found) return;
    if ((found->mode & kTypeMask) == kTypeDirectory) return directory(number, path, depth + 1);
    if ((found->mode & kTypeMask) != kTypeRegular || found->extents.empty()) return;
    files_.push_back({path, std::move(found->extents)});
  }

  Bytes image_;
  std::uint64_t inodes_begin_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<ImageFile> files_;
};

}  // namespace

std::uint64_t ImageFile::length() const {
  std::uint64_t sum = 0;
  for (const format::Extent& extent : extents) sum += extent.length;
  return sum;
}

std::vector<ImageFile> files_of_erofs(Bytes image) { return Walk(image).run(); }

}  // namespace holdfast::delta::make
