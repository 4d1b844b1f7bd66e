// The one form in which figures are printed: what, against what, the ratio, its bound, and whether it was met.
#pragma once

#include "bench/compare.h"

namespace holdfast::bench {

bool is_met(const Comparison& comparison, const Measured& measured);
std::string heading();
std::string row_of(const Comparison& comparison, const Measured& measured);
bool is_met(const Figure& figure);
std::string row_of(const Figure& figure);

}  // namespace holdfast::bench
