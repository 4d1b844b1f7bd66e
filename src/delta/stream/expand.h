// A delta's zstd frame, expanded as its bytes arrive. Memory is the window (1 MiB) and some 300 KiB, whatever the frame
// says; a frame that wants more is refused.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::delta::stream {

inline constexpr Reason kFrameDamaged{"frame-damaged"};

class Expander {
 public:
  Expander();
  Expander(Expander&&) noexcept;
  Expander& operator=(Expander&&) noexcept;
  ~Expander();

  struct Progress {
    std::size_t consumed;  ///< of `in`
    std::size_t produced;  ///< into `out`
  };
  /// Both 0 when it needs more input, or the frame has ended.
  Result<Progress> expand(Bytes in, std::span<std::uint8_t> out);

  /// The frame has ended; what follows it is not read.
  bool is_done() const { return done_; }

 private:
  struct Frame;
  std::unique_ptr<Frame> frame_;
  bool done_ = false;
};

}  // namespace holdfast::delta::stream
