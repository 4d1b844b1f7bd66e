#include "trust/appraisal/appraise.h"

#include "base/check.h"
#include "trust/appraisal/log_checks.h"
#include "trust/appraisal/quote_checks.h"

namespace holdfast::trust::appraisal {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Passed: return "passed";
    case Outcome::Failed: return "failed";
    case Outcome::NotJudged: return "not-judged";
  }
  return "unknown";
}

namespace {

/// What does not depend on a policy but by its verdict.
struct SignedPart {
  Report report;
  std::optional<tpm::ClockInfo> clock;
  CertifiedKeys keys;
};

SignedPart judge_signed(const Evidence& evidence, const Expectations& expectations, const Policy& policy) {
  SignedPart out{.report = Report(policy), .clock = {}, .keys = {}};
  if (expectations.freshness == Freshness::Accepted) {
    take_as_signed(out.report);
    return out;
  }
  const Digest256 qualifying = qualifying_data(evidence.nonce, evidence.body);
  judge_nonce(evidence, expectations, out.report);
  out.clock = judge_quote(evidence, expectations, qualifying, out.report);
  out.keys = judge_keys(evidence, *expectations.attestation_key, qualifying, out.report);
  return out;
}

}  // namespace

std::vector<Appraisal> appraise_under(const Evidence& evidence, const Expectations& expectations,
                                      std::span<const Policy* const> policies) {
  CHECK_INVARIANT(expectations.attestation_key != nullptr && !policies.empty());
  const SignedPart signed_part = judge_signed(evidence, expectations, *policies.front());
  std::vector<Appraisal> all;
  for (const Policy* policy : policies) {
    Report report(*policy, signed_part.report);
    Appraisal& out = all.emplace_back();
    out.clock = signed_part.clock;
    out.images = judge_log(evidence, expectations, *policy, report);
    out.verdict = report.verdict();
    out.findings = report.take();
    if (out.verdict == Verdict::Refused) continue;
    out.client_spki = signed_part.keys.client_spki;
    out.update_spki = signed_part.keys.update_spki;
  }
  return all;
}

Appraisal appraise(const Evidence& evidence, const Expectations& expectations, const Policy& policy) {
  const Policy* const only = &policy;
  return std::move(appraise_under(evidence, expectations, {&only, 1}).front());
}

}  // namespace holdfast::trust::appraisal
