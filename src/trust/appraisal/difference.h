// A difference between the log and the reference values, naming the very event: what was expected, what was seen, and
// where. Each expected event that is missing is told together with what stands in its place, or with the place where it
// stands instead, or alone; each event that is left over as a repetition or as unknown. Private to the appraisal.
#pragma once

#include <optional>
#include <string>

#include "trust/appraisal/component.h"
#include "trust/eventlog/event.h"

namespace holdfast::trust::appraisal {

struct Difference {
  std::optional<unsigned> pcr;
  std::optional<std::size_t> event_index;  ///< in the log
  std::string expected;
  std::string seen;
};

/// The differences of one PCR of a log that fits no candidate, against the best of the `fitting` alternatives of each
/// component. Appends at most `room` of them, in the order of the log, and narrows `fitting` to what explains this PCR
/// best; returns how many differences there are.
std::size_t explain_pcr(unsigned pcr, std::span<const eventlog::Event* const> log,
                        const std::vector<Component>& components, std::vector<AlternativeMask>& fitting,
                        std::size_t room, std::vector<Difference>& out);

}  // namespace holdfast::trust::appraisal
