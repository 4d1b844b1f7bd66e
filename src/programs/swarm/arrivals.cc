#include "programs/swarm/arrivals.h"

#include <cmath>
#include <numbers>

#include "base/text.h"

namespace holdfast::programs::swarm {

Result<Pattern> parse_pattern(std::string_view word) {
  if (word == "steady") return Pattern::Steady;
  if (word == "herd") return Pattern::Herd;
  if (word == "morning") return Pattern::Morning;
  return fail(Next::Rejected, kPatternUnknown,
              cat("expected steady, herd or morning, saw '", printable(word, 20), "'"));
}

Duration arrival(Pattern pattern, std::size_t index, std::size_t count, Duration over) {
  const double share = static_cast<double>(index) / static_cast<double>(count);
  const auto at = [&](double part) {
    return Duration(static_cast<std::int64_t>(part * static_cast<double>(over.count())));
  };
  switch (pattern) {
    case Pattern::Steady: return at(share);
    case Pattern::Herd: return Duration::zero();
    case Pattern::Morning: break;
  }
  // The inverse of (1 - cos(pi t)) / 2, whose slope, the arrivals, is a half sine.
  return at(std::acos(1 - 2 * share) / std::numbers::pi);
}

}  // namespace holdfast::programs::swarm
