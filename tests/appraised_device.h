// A device that booted firmware and a system, its appraisal, and what the tests of appraisals ask of one.
#pragma once

#include <doctest/doctest.h>

#include "attesting_device.h"

namespace holdfast::trust::appraisal {

inline const Boot kBoot{{0, "crtm"}, {4, "rom"}, {4, "kernel 2"}, {4, "separator"}, {9, "initrd 2"}};
inline const ReferenceSet kFirmware = [] {
  ReferenceSet set = reference_set("firmware", "1.0", {{0, "crtm"}, {4, "rom"}, {4, "separator"}});
  set.source = ReferenceSource::Baseline;
  return set;
}();
inline const ReferenceSet kOs = reference_set("os", "2", {{4, "kernel 2"}, {9, "initrd 2"}}, 5);

inline AttestingDevice device(const Boot& boot = kBoot) {
  AttestingDevice out(boot);
  out.running = {{"os", "2"}};
  return out;
}

inline Appraisal judged(const AttestingDevice& one, const Policy& policy = {}) {
  return appraise(one.evidence(), one.expectations({&kFirmware, &kOs}), policy);
}

inline std::vector<Check> failed(const Appraisal& appraisal) {
  std::vector<Check> out;
  for (const Finding& finding : appraisal.findings) {
    if (finding.outcome == Outcome::Failed) out.push_back(finding.check);
  }
  return out;
}

inline const Finding& finding_of(const Appraisal& appraisal, Check check) {
  for (const Finding& finding : appraisal.findings) {
    if (finding.check == check && finding.outcome != Outcome::Passed) return finding;
  }
  FAIL("no such finding");
  std::abort();
}

inline void check_refused(const Appraisal& appraisal, Check check) {
  CHECK(appraisal.verdict == Verdict::Refused);
  CHECK(failed(appraisal) == std::vector<Check>{check});
  CHECK_FALSE(appraisal.client_spki);
  CHECK_FALSE(appraisal.update_spki);
}

inline void check_update_only(const Appraisal& appraisal, Check check) {
  CHECK(appraisal.verdict == Verdict::UpdateOnly);
  CHECK(failed(appraisal) == std::vector<Check>{check});
  CHECK(appraisal.update_spki);
}

}  // namespace holdfast::trust::appraisal
