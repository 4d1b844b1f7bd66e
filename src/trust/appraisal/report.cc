#include "trust/appraisal/report.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast::trust::appraisal {

void Report::add(Check check, Outcome outcome, std::string expected, std::string seen) {
  findings_.push_back({check, outcome, policy_.when_it_fails(check), std::move(expected), std::move(seen), {}, {}});
}

void Report::failed_at(Check check, std::optional<unsigned> pcr, std::optional<std::size_t> event_index,
                       std::string expected, std::string seen) {
  add(check, Outcome::Failed, std::move(expected), std::move(seen));
  findings_.back().pcr = pcr;
  findings_.back().event_index = event_index;
}

bool Report::has_failed(Check check) const {
  return std::ranges::any_of(findings_, [check](const Finding& finding) {
    return finding.check == check && finding.outcome == Outcome::Failed;
  });
}

Verdict Report::verdict() const {
  Verdict worst = Verdict::Healthy;
  for (const Finding& finding : findings_) {
    if (finding.outcome == Outcome::Failed) worst = std::max(worst, finding.verdict);
  }
  return worst;
}

std::vector<Finding> Report::take() {
  std::ranges::stable_sort(findings_, {}, &Finding::check);
  for (const CheckRow& row : kChecks) {
    CHECK_INVARIANT(std::ranges::find(findings_, row.check, &Finding::check) != findings_.end());
  }
  return std::move(findings_);
}

}  // namespace holdfast::trust::appraisal
