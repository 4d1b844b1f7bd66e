// Evidence in, verdict out (flow 2.3). Every check is reported, also after one has failed; what cannot be judged
// because of another failure says so. The worst failure decides. No clock, no I/O; the cost is that of the public-key
// operations (three signatures of the attestation key, two requests), the rest is linear in the log.
#pragma once

#include <span>

#include "trust/appraisal/evidence.h"
#include "trust/appraisal/policy.h"

namespace holdfast::trust::appraisal {

enum class Outcome {
  Passed,
  Failed,
  NotJudged,  ///< could not be judged, because another check failed or the evidence is a stored one
};
std::string_view name_of(Outcome outcome);

struct Finding {
  Check check;
  Outcome outcome;
  Verdict verdict;  ///< what its failure means under the policy
  std::string expected;
  std::string seen;
  std::optional<unsigned> pcr;             ///< of the event that it is about
  std::optional<std::size_t> event_index;  ///< of that event in the log, or of what stands in its place
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A component as measured. Where several versions measure alike, there is one for each.
struct MatchedImage {
  std::string component;
  std::string version;
  std::int64_t security_version = 0;
  ReferenceSource source = ReferenceSource::Image;
  friend bool operator==(const MatchedImage&, const MatchedImage&) = default;
};

struct Appraisal {
  Verdict verdict = Verdict::Refused;
  std::vector<Finding> findings;        ///< in the order of kChecks, at least one for each
  std::vector<MatchedImage> images;     ///< empty unless every event is known
  std::optional<tpm::ClockInfo> clock;  ///< to remember as last_clock; none: the quote did not verify
  std::optional<Blob> client_spki;      ///< DER, certified and requested; none: no certificate
  std::optional<Blob> update_spki;
};

Appraisal appraise(const Evidence& evidence, const Expectations& expectations, const Policy& policy);

/// The same under each of several policies, at the cost of one: what the TPM signed is verified once.
std::vector<Appraisal> appraise_under(const Evidence& evidence, const Expectations& expectations,
                                      std::span<const Policy* const> policies);

}  // namespace holdfast::trust::appraisal
