// Plays the decoder over a map and writes down what it will get wrong.
#pragma once

#include "delta/elf/references.h"
#include "delta/make/streams_writer.h"

namespace holdfast::delta::make {

/// A map's files and matches. The spans must outlive who uses them.
struct MapInput {
  Bytes old_file;
  Bytes new_file;
  std::span<const format::Match> matches;
  const elf::ElfFile* new_elf = nullptr;  ///< with references: what the new file's targets may be
};

class MapEncoder {
 public:
  /// `references`: none for a plain map.
  MapEncoder(const MapInput& input, elf::References* references, StreamsWriter& out)
      : input_(input), references_(references), out_(out) {}

  /// The next `length` bytes of the new file, which stand at `place` of the new image.
  Result<void> run(std::uint32_t length, std::uint64_t place);

 private:
  Result<void> piece(const format::Match& match, std::uint32_t length);

  MapInput input_;
  elf::References* references_;
  StreamsWriter& out_;
  std::size_t next_ = 0;  ///< the match at or after at_
  std::uint32_t at_ = 0;
  Blob predicted_;
};

/// The records of a map's head and matches.
void append_map(Blob& records, const format::MapHead& head, std::span<const format::Match> matches);

}  // namespace holdfast::delta::make
