// What a delta is made of, counted without an old image: for people who wonder where its bytes go.
#pragma once

#include "delta/apply/record_reader.h"

namespace holdfast::delta::apply {

struct Summary {
  format::Header header;
  std::uint32_t plain_maps = 0;
  std::uint32_t rewritten_files = 0;  ///< maps with references
  std::uint64_t plain_bytes = 0;      ///< new bytes that they make
  std::uint64_t rewritten_bytes = 0;
  std::uint64_t matches = 0;
  // Bytes before compression.
  std::uint64_t map_bytes = 0;
  std::uint64_t match_bytes = 0;
  std::uint64_t correction_bytes = 0;
  std::uint64_t residual_bytes = 0;
  std::uint64_t literal_bytes = 0;
};

class Summariser {
 public:
  /// Takes bytes from the front of `delta`; whether all was read.
  Result<bool> step(Bytes& delta);
  const Summary& summary() const { return summary_; }

 private:
  Result<void> take_record();

  RecordReader reader_;
  Summary summary_;
  format::Kind kind_ = format::Kind::Plain;
  bool ended_ = false;
};

std::string describe(const Summary& summary);

}  // namespace holdfast::delta::apply
