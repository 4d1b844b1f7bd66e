// The longest common subsequence of what was expected and what was seen: the fewest events to call changed, missing or
// added. Only a log that does not match is aligned, and no more than kAlignCellsMax pairs are compared; beyond that the
// common beginning and end are all that is aligned. Private to the appraisal.
#pragma once

#include <span>

#include "trust/appraisal/reference_set.h"
#include "trust/eventlog/event.h"

namespace holdfast::trust::appraisal {

inline constexpr std::size_t kAlignCellsMax = 256 * 256;
inline constexpr std::size_t kUnaligned = static_cast<std::size_t>(-1);

bool is_event(const ReferenceEvent& expected, const eventlog::Event& seen);

/// For each expected event its index in `seen`, or kUnaligned; indices ascend. Null entries of `seen` are passed over.
std::vector<std::size_t> align(std::span<const ReferenceEvent* const> expected,
                               std::span<const eventlog::Event* const> seen);

}  // namespace holdfast::trust::appraisal
