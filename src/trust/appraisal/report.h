// The findings of one appraisal as they are made. The verdict of a finding is the policy's for its check. Private to
// the appraisal.
#pragma once

#include "trust/appraisal/appraise.h"

namespace holdfast::trust::appraisal {

class Report {
 public:
  explicit Report(const Policy& policy) : policy_(policy) {}
  /// The findings of another one as this policy takes them.
  Report(const Policy& policy, const Report& other);

  void passed(Check check, std::string seen) {
    add(check, Outcome::Passed, std::string(row_of(check).words), std::move(seen));
  }
  void failed(Check check, std::string expected, std::string seen) {
    add(check, Outcome::Failed, std::move(expected), std::move(seen));
  }
  /// About one event or PCR.
  void failed_at(Check check, std::optional<unsigned> pcr, std::optional<std::size_t> event_index, std::string expected,
                 std::string seen);
  void failed(Check check, const Error& error) { failed(check, std::string(row_of(check).words), error.message); }
  void not_judged(Check check, std::string why) {
    add(check, Outcome::NotJudged, std::string(row_of(check).words), std::move(why));
  }

  bool has_failed(Check check) const;

  /// In the order of the table. Every check has a finding.
  std::vector<Finding> take();
  Verdict verdict() const;

 private:
  void add(Check check, Outcome outcome, std::string expected, std::string seen);

  const Policy& policy_;
  std::vector<Finding> findings_;
};

}  // namespace holdfast::trust::appraisal
