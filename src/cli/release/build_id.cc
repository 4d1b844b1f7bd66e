#include "cli/release/build_id.h"

#include <algorithm>

namespace holdfast::cli::release {
namespace {

constexpr std::string_view kMagic = "\177ELF";
constexpr std::string_view kGnu{"GNU\0", 4};
constexpr std::uint8_t kClass32 = 1;
constexpr std::uint8_t kClass64 = 2;
constexpr std::uint8_t kLittleEndian = 1;
constexpr std::uint64_t kNote = 4;        // PT_NOTE
constexpr std::uint64_t kGnuBuildId = 3;  // NT_GNU_BUILD_ID
constexpr std::size_t kNoteHeaderBytes = 12;

/// Where a number stands and how long it is.
struct Field {
  std::size_t at;
  std::size_t bytes;
};

/// The offsets that differ between the two classes.
struct Layout {
  std::size_t header_bytes;
  Field headers_offset;
  Field header_size;
  Field header_count;
  std::size_t program_header_bytes;
  Field offset;
  Field length;
  Field alignment;
};
constexpr Layout k64{64, {32, 8}, {54, 2}, {56, 2}, 56, {8, 8}, {32, 8}, {48, 8}};
constexpr Layout k32{52, {28, 4}, {42, 2}, {44, 2}, 32, {4, 4}, {16, 4}, {28, 4}};

/// 0 where it is not there.
std::uint64_t number_at(Bytes bytes, Field field) {
  if (field.at > bytes.size() || bytes.size() - field.at < field.bytes) return 0;
  std::uint64_t out = 0;
  for (std::size_t i = field.bytes; i > 0; --i) out = out << 8 | bytes[field.at + i - 1];
  return out;
}

/// The part that is there; empty where it begins behind the end.
Bytes part(Bytes bytes, std::uint64_t begin, std::uint64_t length) {
  if (begin >= bytes.size()) return {};
  const std::uint64_t left = bytes.size() - begin;
  return bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(std::min(length, left)));
}

std::uint64_t padded(std::uint64_t length, std::uint64_t alignment) {
  return (length + alignment - 1) / alignment * alignment;
}

std::optional<Blob> build_id_in_notes(Bytes notes, std::uint64_t alignment) {
  for (std::size_t seen = 0; seen < kNotesMax && notes.size() >= kNoteHeaderBytes; ++seen) {
    const std::uint64_t name_length = number_at(notes, {0, 4});
    const std::uint64_t length = number_at(notes, {4, 4});
    const std::uint64_t type = number_at(notes, {8, 4});
    const Bytes name = part(notes, kNoteHeaderBytes, name_length);
    const std::uint64_t begin = padded(kNoteHeaderBytes + name_length, alignment);
    const Bytes content = part(notes, begin, length);
    const bool is_whole = length > 0 && content.size() == length;
    if (is_whole && type == kGnuBuildId && as_text(name) == kGnu && length <= kBuildIdBytesMax) {
      return to_blob(content);
    }
    notes = part(notes, padded(begin + length, alignment), notes.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Blob> build_id_in(Bytes file) {
  constexpr std::size_t kIdentBytes = 16;
  if (file.size() < kIdentBytes || as_text(file.first(4)) != kMagic || file[5] != kLittleEndian) return std::nullopt;
  if (file[4] != kClass32 && file[4] != kClass64) return std::nullopt;
  const Layout& layout = file[4] == kClass64 ? k64 : k32;
  if (file.size() < layout.header_bytes) return std::nullopt;
  const std::uint64_t begin = number_at(file, layout.headers_offset);
  const std::uint64_t size = number_at(file, layout.header_size);
  const std::uint64_t count = std::min<std::uint64_t>(number_at(file, layout.header_count), kProgramHeadersMax);
  if (size < layout.program_header_bytes || begin >= file.size()) return std::nullopt;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Bytes header = part(file, begin + i * size, layout.program_header_bytes);
    if (header.size() < layout.program_header_bytes || number_at(header, {0, 4}) != kNote) continue;
    const std::uint64_t alignment = number_at(header, layout.alignment) == 8 ? 8 : 4;
    auto found =
        build_id_in_notes(part(file, number_at(header, layout.offset), number_at(header, layout.length)), alignment);
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace holdfast::cli::release
