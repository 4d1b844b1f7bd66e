#include "delta/stream/expand.h"

#include <zstd.h>

#include "base/check.h"
#include "base/text.h"
#include "delta/format/header.h"

namespace holdfast::delta::stream {

struct Expander::Frame {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> held{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

Expander::Expander() : frame_(std::make_unique<Frame>()) {
  CHECK_INVARIANT(frame_->held != nullptr);
  ZSTD_DCtx_setParameter(frame_->held.get(), ZSTD_d_windowLogMax, format::kWindowLog);
}
Expander::Expander(Expander&&) noexcept = default;
Expander& Expander::operator=(Expander&&) noexcept = default;
Expander::~Expander() = default;

Result<Expander::Progress> Expander::expand(Bytes in, std::span<std::uint8_t> out) {
  if (done_) return Progress{0, 0};
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  const std::size_t left = ZSTD_decompressStream(frame_->held.get(), &to, &from);
  if (ZSTD_isError(left) != 0) {
    return fail(Next::Corrupt, kFrameDamaged,
                cat("delta: expected a zstd frame with a window of at most ", 1U << format::kWindowLog,
                    " bytes, saw one of which zstd says: ", ZSTD_getErrorName(left)));
  }
  done_ = left == 0;
  return Progress{from.pos, to.pos};
}

}  // namespace holdfast::delta::stream
