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

Appraisal appraise(const Evidence& evidence, const Expectations& expectations, const Policy& policy) {
  CHECK_INVARIANT(expectations.attestation_key != nullptr);
  const Digest256 qualifying = qualifying_data(evidence.nonce, evidence.body);
  Report report(policy);
  judge_nonce(evidence, expectations, report);
  Appraisal out;
  out.clock = judge_quote(evidence, expectations, qualifying, report);
  CertifiedKeys keys = judge_keys(evidence, *expectations.attestation_key, qualifying, report);
  out.images = judge_log(evidence, expectations, policy, report);
  out.verdict = report.verdict();
  out.findings = report.take();
  if (out.verdict != Verdict::Refused) {
    out.client_spki = std::move(keys.client_spki);
    out.update_spki = std::move(keys.update_spki);
  }
  return out;
}

}  // namespace holdfast::trust::appraisal
