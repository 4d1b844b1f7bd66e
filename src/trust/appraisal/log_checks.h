// The checks on what the device started: the event log against the PCR values and the reference sets, and what those
// sets mean under the policy. Private to the appraisal.
#pragma once

#include "trust/appraisal/report.h"

namespace holdfast::trust::appraisal {

/// LogParses, LogReplays, EventsKnown, VersionsKnown, AboveFloor, NotWithdrawn; what was measured where all events are
/// known.
std::vector<MatchedImage> judge_log(const Evidence& evidence, const Expectations& expectations, const Policy& policy,
                                    Report& report);

}  // namespace holdfast::trust::appraisal
