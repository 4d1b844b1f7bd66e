// The checks on the versions that were measured. Where versions measure alike, the worst of them counts: the
// measurement cannot tell which one runs. Private to the appraisal.
#pragma once

#include "trust/appraisal/report.h"

namespace holdfast::trust::appraisal {

/// VersionsKnown, AboveFloor, NotWithdrawn. `images` is empty where it is not known what was measured.
void judge_images(const std::vector<MatchedImage>& images, const Evidence& evidence, const Expectations& expectations,
                  const Policy& policy, Report& report);

}  // namespace holdfast::trust::appraisal
