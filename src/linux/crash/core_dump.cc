#include "linux/crash/core_dump.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::linux::crash {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::uint64_t kRedZoneBytes = 128;  // below the stack's end (System V ABI, AMD64)
constexpr std::size_t kSkipBytes = 64 * 1024;
/// Of elf_prstatus: where the registers begin, and which of them is the stack's end.
constexpr std::size_t kRegistersAt = 112;
constexpr std::size_t kStackRegister = 19;
constexpr std::size_t kStackRegisterAt = kRegistersAt + 8 * kStackRegister;

std::unexpected<Error> malformed(std::string_view why) { return fail(Next::Corrupt, kCoreMalformed, std::string(why)); }

template <class T>
T as(Bytes bytes) {
  T out;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

template <class T>
Bytes bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

/// The source, with where it stands.
class Stream {
 public:
  explicit Stream(const CoreSource& source) : source_(source) {}
  std::uint64_t at() const { return at_; }

  /// Fewer at the end.
  Result<Blob> take(std::size_t size) {
    Blob out(size);
    std::size_t got = 0;
    while (got < size) {
      const std::size_t more = TRY(source_(std::span(out).subspan(got)));
      if (more == 0) break;
      got += more;
    }
    out.resize(got);
    at_ += got;
    return out;
  }
  Result<Blob> need(std::size_t size) {
    Blob out = TRY(take(size));
    if (out.size() < size) return malformed("expected a whole core, saw its end");
    return out;
  }
  /// Whether there is more.
  Result<bool> skip_to(std::uint64_t offset) {
    if (offset < at_) return malformed("expected a core in the order of its segments, saw another");
    while (at_ < offset) {
      if (TRY(take(std::min<std::uint64_t>(kSkipBytes, offset - at_))).empty()) return false;
    }
    return true;
  }

 private:
  const CoreSource& source_;
  std::uint64_t at_ = 0;
};

struct Kept {
  std::uint64_t address = 0;
  std::uint32_t flags = 0;
  Blob bytes;
};
struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

Result<std::vector<Elf64_Phdr>> read_segments(Stream& stream, Elf64_Ehdr& head) {
  head = as<Elf64_Ehdr>(TRY(stream.need(sizeof head)));
  const bool is_core = std::memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_ident[EI_CLASS] == ELFCLASS64 &&
                       head.e_ident[EI_DATA] == ELFDATA2LSB && head.e_type == ET_CORE &&
                       head.e_phentsize == sizeof(Elf64_Phdr) && head.e_phoff == sizeof head &&
                       head.e_phnum <= kCoreSegmentsMax;
  if (!is_core) return malformed("expected a core of a 64-bit machine, saw something else");
  std::vector<Elf64_Phdr> out;
  for (std::size_t i = 0; i < head.e_phnum; ++i) out.push_back(as<Elf64_Phdr>(TRY(stream.need(sizeof(Elf64_Phdr)))));
  return out;
}

/// Where each thread's stack ends.
Result<std::vector<std::uint64_t>> stacks_in(Bytes notes) {
  ByteReader reader(notes, Endian::Little, "notes");
  std::vector<std::uint64_t> out;
  const auto padded = [](std::uint32_t size) { return (static_cast<std::size_t>(size) + 3) & ~std::size_t{3}; };
  while (reader.remaining() > 0 && out.size() < kCoreThreadsMax) {
    const std::uint32_t name_bytes = TRY(reader.u32());
    const std::uint32_t bytes = TRY(reader.u32());
    const std::uint32_t type = TRY(reader.u32());
    const Bytes name = TRY(reader.take(padded(name_bytes)));
    const Bytes content = TRY(reader.take(std::min(padded(bytes), reader.remaining())));
    const bool is_thread = type == NT_PRSTATUS && as_text(name).starts_with("CORE");
    if (is_thread && content.size() >= kStackRegisterAt + 8) {
      out.push_back(as<std::uint64_t>(content.subspan(kStackRegisterAt)));
    }
  }
  return out;
}

/// The stacks that end in a segment, as far as they are kept, in order and apart.
std::vector<Range> ranges_in(const Elf64_Phdr& segment, const std::vector<std::uint64_t>& stacks) {
  const std::uint64_t end = segment.p_vaddr + segment.p_filesz;
  std::vector<Range> out;
  for (const std::uint64_t stack : stacks) {
    if (stack < segment.p_vaddr || stack >= end) continue;
    const std::uint64_t from = std::max(segment.p_vaddr, stack - std::min(stack, kRedZoneBytes));
    out.push_back({from, from + std::min<std::uint64_t>(end - from, kStackBytesMax)});
  }
  std::ranges::sort(out, {}, &Range::from);
  std::vector<Range> apart;
  for (const Range& one : out) {
    if (!apart.empty() && one.from <= apart.back().to) {
      apart.back().to = std::max(apart.back().to, one.to);
    } else {
      apart.push_back(one);
    }
  }
  return apart;
}

bool is_program(Bytes page) { return page.size() >= SELFMAG && std::memcmp(page.data(), ELFMAG, SELFMAG) == 0; }

/// False at the end of the core.
Result<bool> keep_segment(Stream& stream, const Elf64_Phdr& segment, const std::vector<std::uint64_t>& stacks,
                          std::vector<Kept>& kept) {
  if (segment.p_filesz == 0) return true;
  if (segment.p_vaddr + segment.p_filesz < segment.p_vaddr)
    return malformed("expected a segment in memory, saw one beyond");
  if (!TRY(stream.skip_to(segment.p_offset))) return false;
  const auto ranges = ranges_in(segment, stacks);
  if (ranges.empty() && segment.p_filesz <= kPageBytes) {
    Blob page = TRY(stream.take(segment.p_filesz));
    if (is_program(page)) kept.push_back({segment.p_vaddr, segment.p_flags, std::move(page)});
  }
  for (const Range& one : ranges) {
    if (!TRY(stream.skip_to(segment.p_offset + (one.from - segment.p_vaddr)))) return false;
    Blob bytes = TRY(stream.take(one.to - one.from));
    if (!bytes.empty()) kept.push_back({one.from, segment.p_flags, std::move(bytes)});
  }
  return true;
}

Blob write_core(Elf64_Ehdr head, Bytes notes, const std::vector<Kept>& kept) {
  head.e_phnum = static_cast<Elf64_Half>(1 + kept.size());
  head.e_shoff = 0;
  head.e_shnum = 0;
  head.e_shstrndx = 0;
  std::uint64_t at = sizeof head + head.e_phnum * sizeof(Elf64_Phdr);
  ByteWriter out(Endian::Little);
  out.bytes(bytes_of(head));
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = at;
  segment.p_filesz = notes.size();
  out.bytes(bytes_of(segment));
  at += notes.size();
  for (const Kept& one : kept) {
    segment = {};
    segment.p_type = PT_LOAD;
    segment.p_flags = one.flags;
    segment.p_offset = at;
    segment.p_vaddr = one.address;
    segment.p_filesz = segment.p_memsz = one.bytes.size();
    segment.p_align = 1;
    out.bytes(bytes_of(segment));
    at += one.bytes.size();
  }
  out.bytes(notes);
  for (const Kept& one : kept) out.bytes(one.bytes);
  return out.take();
}

}  // namespace

Result<Blob> reduce_core(const CoreSource& source) {
  Stream stream(source);
  Elf64_Ehdr head{};
  const auto segments = TRY(read_segments(stream, head));
  const auto note = std::ranges::find(segments, Elf64_Word{PT_NOTE}, &Elf64_Phdr::p_type);
  if (note == segments.end() || note->p_filesz > kCoreNotesBytesMax) {
    return malformed("expected notes within their bound in a core, saw none such");
  }
  TRY(stream.skip_to(note->p_offset));
  const Blob notes = TRY(stream.need(note->p_filesz));
  const auto stacks = TRY(stacks_in(notes));
  std::vector<Kept> kept;
  std::size_t bytes = 0;
  for (const Elf64_Phdr& one : segments) {
    if (one.p_type != PT_LOAD) continue;
    const std::size_t before = kept.size();
    if (!TRY(keep_segment(stream, one, stacks, kept))) break;
    for (std::size_t i = before; i < kept.size(); ++i) bytes += kept[i].bytes.size();
    if (bytes > kCoreBytesMax) break;
  }
  return write_core(head, notes, kept);
}

}  // namespace holdfast::linux::crash
