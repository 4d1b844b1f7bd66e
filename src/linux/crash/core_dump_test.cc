#include "linux/crash/core_dump.h"

#include <doctest/doctest.h>
#include <elf.h>

#include <algorithm>
#include <cstring>

#include "base/byte_io.h"
#include "fails_with.h"

namespace holdfast::linux::crash {
namespace {

constexpr std::uint64_t kStack = 0x7ffd'0000'0000;
constexpr std::size_t kStackBytes = 128 * 1024;
constexpr std::uint64_t kProgram = 0x5555'0000'0000;
constexpr std::uint64_t kHeap = 0x5556'0000'0000;
constexpr std::uint64_t kEnd = kStack + 100'000;  ///< of the one thread's stack

template <class T>
void append(Blob& out, const T& value) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), at, at + sizeof value);
}

Blob thread_note(std::uint64_t stack_end) {
  Blob status(336);
  std::memcpy(status.data() + 264, &stack_end, sizeof stack_end);
  const Blob name = {'C', 'O', 'R', 'E', 0, 0, 0, 0};
  return ByteWriter(Endian::Little).u32(5).u32(336).u32(NT_PRSTATUS).bytes(name).bytes(status).take();
}

struct Segment {
  std::uint64_t address;
  Blob bytes;
};

Blob core_of(Bytes notes, const std::vector<Segment>& loads) {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_type = ET_CORE;
  head.e_phoff = sizeof head;
  head.e_phentsize = sizeof(Elf64_Phdr);
  head.e_phnum = static_cast<Elf64_Half>(1 + loads.size());
  Blob out;
  append(out, head);
  std::uint64_t at = sizeof head + head.e_phnum * sizeof(Elf64_Phdr);
  Elf64_Phdr note{};
  note.p_type = PT_NOTE;
  note.p_offset = at;
  note.p_filesz = notes.size();
  append(out, note);
  at += notes.size();
  for (const Segment& one : loads) {
    Elf64_Phdr load{};
    load.p_type = PT_LOAD;
    load.p_vaddr = one.address;
    load.p_offset = at;
    load.p_filesz = load.p_memsz = one.bytes.size();
    append(out, load);
    at += one.bytes.size();
  }
  out.insert(out.end(), notes.begin(), notes.end());
  for (const Segment& one : loads) out.insert(out.end(), one.bytes.begin(), one.bytes.end());
  return out;
}

Blob whole_core() {
  Blob program(4096, 0x11);
  std::memcpy(program.data(), ELFMAG, SELFMAG);
  return core_of(thread_note(kEnd), {{kProgram, program},
                                     {kHeap, Blob(200'000, 0x5E)},
                                     {kHeap + 1'000'000, Blob(4096, 0x5E)},
                                     {kStack, Blob(kStackBytes, 0xAA)}});
}

/// In pieces of seven bytes, as a pipe may give them.
Result<Blob> reduce(Bytes core) {
  std::size_t at = 0;
  return reduce_core([&](std::span<std::uint8_t> into) -> Result<std::size_t> {
    const std::size_t some = std::min({into.size(), core.size() - at, std::size_t{7}});
    std::ranges::copy(core.subspan(at, some), into.begin());
    at += some;
    return some;
  });
}

std::vector<Elf64_Phdr> segments_of(Bytes core) {
  Elf64_Ehdr head;
  std::memcpy(&head, core.data(), sizeof head);
  std::vector<Elf64_Phdr> out(head.e_phnum);
  std::memcpy(out.data(), core.data() + sizeof head, out.size() * sizeof(Elf64_Phdr));
  return out;
}

}  // namespace

TEST_CASE("of a core its notes, the end of each stack and the programs' first pages are kept, and no heap") {
  const auto reduced = reduce(whole_core());
  REQUIRE(reduced);
  const auto segments = segments_of(*reduced);
  REQUIRE(segments.size() == 3);
  CHECK(segments[0].p_type == PT_NOTE);
  CHECK(segments[1].p_vaddr == kProgram);
  CHECK(segments[2].p_vaddr == kEnd - 128);
  CHECK(segments[2].p_filesz == kStack + kStackBytes - (kEnd - 128));
  CHECK(segments[2].p_offset + segments[2].p_filesz == reduced->size());
  CHECK(std::ranges::count(*reduced, 0x5E) == 0);
  const Blob note = thread_note(kEnd);
  CHECK(std::ranges::equal(Bytes(*reduced).subspan(segments[0].p_offset, note.size()), note));
  CHECK(*reduce(*reduced) == *reduced);
}

TEST_CASE("a long stack is kept as far as its bound, and two on one segment once") {
  Blob notes = thread_note(kStack + 1000);
  const Blob second = thread_note(kStack + 2000);
  notes.insert(notes.end(), second.begin(), second.end());
  const auto reduced = reduce(core_of(notes, {{kStack, Blob(kStackBytes, 0xAA)}}));
  REQUIRE(reduced);
  const auto segments = segments_of(*reduced);
  REQUIRE(segments.size() == 2);
  CHECK(segments[1].p_vaddr == kStack + 1000 - 128);
  CHECK(segments[1].p_filesz == kStackBytesMax + 1000);
}

TEST_CASE("however many pages look like programs, no more is kept than its bound") {
  Blob program(4096, 0x11);
  std::memcpy(program.data(), ELFMAG, SELFMAG);
  std::vector<Segment> loads;
  for (std::uint64_t i = 0; i < 1000; ++i) loads.push_back({kProgram + i * 8192, program});
  const auto reduced = reduce(core_of(thread_note(kEnd), loads));
  REQUIRE(reduced);
  CHECK(reduced->size() < kCoreBytesMax + 100'000);
}

TEST_CASE("a core that ends early is kept as far as it goes, and what is none is refused") {
  const Blob core = whole_core();
  const auto cut = reduce(Bytes(core).first(core.size() - kStackBytes));
  REQUIRE(cut);
  CHECK(segments_of(*cut).size() == 2);
  CHECK(fails_with(reduce(Bytes(core).first(100)), kCoreMalformed));
  CHECK(fails_with(reduce(Blob(5000, 1)), kCoreMalformed));
  Blob backwards = core;
  const std::uint64_t first = 0;
  std::memcpy(backwards.data() + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, p_offset), &first,
              sizeof first);
  CHECK(fails_with(reduce(backwards), kCoreMalformed));
}

}  // namespace holdfast::linux::crash
