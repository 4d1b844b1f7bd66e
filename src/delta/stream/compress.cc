#include "delta/stream/compress.h"

#include <zstd.h>

#include <memory>

#include "base/check.h"
#include "delta/format/header.h"

namespace holdfast::delta::stream {
namespace {

constexpr int kBestLevel = 22;
constexpr int kQuickLevel = 12;

Blob compressed(Bytes records, int level) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> held(ZSTD_createCCtx(), ZSTD_freeCCtx);
  CHECK_INVARIANT(held != nullptr);
  ZSTD_CCtx* to = held.get();
  ZSTD_CCtx_setParameter(to, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(to, ZSTD_c_windowLog, format::kWindowLog);
  // The header has length and digest of what comes out; the frame need not.
  ZSTD_CCtx_setParameter(to, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(to, ZSTD_c_checksumFlag, 0);
  Blob out(ZSTD_compressBound(records.size()));
  const std::size_t size = ZSTD_compress2(to, out.data(), out.size(), records.data(), records.size());
  CHECK_INVARIANT(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

}  // namespace

Blob compress(Bytes records) { return compressed(records, kBestLevel); }

std::size_t estimate(Bytes records) { return compressed(records, kQuickLevel).size(); }

}  // namespace holdfast::delta::stream
