#include "trust/appraisal/verdict.h"

#include <doctest/doctest.h>

#include <set>

namespace holdfast::trust::appraisal {

TEST_CASE("the table maps forged evidence to refused, a clone to quarantined, an odd boot to update-only") {
  CHECK(row_of(Check::NonceFresh).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::AttestationSignature).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::QuoteSelection).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::QuoteDigest).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::LogReplays).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::ClientKeyCertified).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::UpdateKeyCertified).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::RequestMatchesKey).when_it_fails == Verdict::Refused);
  CHECK(row_of(Check::ClockForward).when_it_fails == Verdict::Quarantined);
  CHECK(row_of(Check::LogParses).when_it_fails == Verdict::UpdateOnly);
  CHECK(row_of(Check::EventsKnown).when_it_fails == Verdict::UpdateOnly);
  CHECK(row_of(Check::VersionsKnown).when_it_fails == Verdict::UpdateOnly);
  CHECK(row_of(Check::AboveFloor).when_it_fails == Verdict::UpdateOnly);
  CHECK(row_of(Check::NotWithdrawn).when_it_fails == Verdict::UpdateOnly);
}

TEST_CASE("names of checks and verdicts are distinct and read back") {
  std::set<std::string_view> names;
  for (const CheckRow& row : kChecks) {
    CHECK(names.insert(row.name).second);
    CHECK(*check_from(row.name) == row.check);
  }
  for (const Verdict verdict : {Verdict::Healthy, Verdict::UpdateOnly, Verdict::Quarantined, Verdict::Refused}) {
    CHECK(*verdict_from(name_of(verdict)) == verdict);
  }
  CHECK(verdict_from("fine").error().reason == kVerdictUnknown);
  CHECK(check_from("").error().reason == kCheckUnknown);
}

}  // namespace holdfast::trust::appraisal
