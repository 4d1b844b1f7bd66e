#include "trust/appraisal/report.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast::trust::appraisal {

Report::Report(const Policy& policy, const Report& other) : policy_(policy), findings_(other.findings_) {
  for (Finding& finding : findings_) finding.verdict = policy_.when_it_fails(finding.check);
}

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
  std::vector<Finding> out;
  out.reserve(findings_.size());
  for (const CheckRow& row : kChecks) {
    const std::size_t before = out.size();
    for (Finding& finding : findings_) {
      if (finding.check == row.check) out.push_back(std::move(finding));
    }
    CHECK_INVARIANT(out.size() > before);
  }
  findings_.clear();
  return out;
}

}  // namespace holdfast::trust::appraisal
