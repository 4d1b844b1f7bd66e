// The rows of `./do bench update`: deltas of version pairs that bench/pairs makes.
#pragma once

#include "base/result.h"
#include "bench/compare.h"

namespace holdfast::bench {

inline constexpr Reason kPairMissing{"pair-missing"};

Result<Figure> update_os_36();
Result<Figure> update_os_5();
Result<Figure> update_application();
Result<Figure> update_kernel();
Result<Figure> update_go();
Result<Figure> update_media();
Result<Figure> update_digests();
Result<Figure> update_apply_cpu();
Result<Figure> update_apply_memory();
Result<Figure> update_apply_anonymous();
Result<Figure> update_make_cpu();
Result<Figure> update_make_memory();

}  // namespace holdfast::bench
