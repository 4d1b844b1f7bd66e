#include "trust/appraisal/quote_checks.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::string_view kNoQuote = "not judged: the quote is not this device's";
const tpm::PcrSelection kSelection{crypto::HashAlgorithm::Sha256, (1u << kPcrsQuoted) - 1};

std::string words_for(const tpm::PcrSelection& selection) {
  std::string out = cat(crypto::name_of(selection.bank), " PCR");
  for (unsigned pcr = 0; pcr < tpm::kPcrCount; ++pcr) {
    if ((selection.mask >> pcr & 1u) != 0) out += cat(" ", pcr);
  }
  return out;
}

std::string words_for(const tpm::ClockInfo& clock) {
  return cat("reset ", clock.reset_count, ", restart ", clock.restart_count, ", clock ", clock.clock_ms, " ms");
}

void judge_selection(const tpm::Quote& quote, Report& report) {
  if (quote.selections.size() == 1 && quote.selections.front() == kSelection) {
    report.passed(Check::QuoteSelection, words_for(kSelection));
    return;
  }
  std::vector<std::string> seen;
  seen.reserve(quote.selections.size());
  for (const tpm::PcrSelection& selection : quote.selections) seen.push_back(words_for(selection));
  report.failed(Check::QuoteSelection, words_for(kSelection), seen.empty() ? "no PCR at all" : join(seen, "; "));
}

void judge_digest(const tpm::Quote& quote, const std::vector<Digest256>& values, Report& report) {
  if (values.size() != kPcrsQuoted) {
    report.failed(Check::QuoteDigest, cat(kPcrsQuoted, " PCR values"), cat(values.size()));
    return;
  }
  const Digest256 digest = tpm::pcr_digest_of(values);
  if (equal(digest, quote.pcr_digest)) {
    report.passed(Check::QuoteDigest, cat("their digest ", to_hex(digest)));
  } else {
    report.failed(Check::QuoteDigest, cat("values with the quoted digest ", to_hex(quote.pcr_digest)),
                  cat("values with the digest ", to_hex(digest)));
  }
}

void judge_clock(const tpm::ClockInfo& seen, const std::optional<tpm::ClockInfo>& last, Report& report) {
  if (!last) {
    report.passed(Check::ClockForward, cat(words_for(seen), ", the first of this attestation key"));
    return;
  }
  const std::string how = behind(*last, seen);
  if (how.empty()) {
    report.passed(Check::ClockForward, cat(words_for(seen), " after ", words_for(*last)));
  } else {
    report.failed(Check::ClockForward, cat("not behind ", words_for(*last)),
                  cat(words_for(seen), ": ", how, ", as when two devices share one identity"));
  }
}

}  // namespace

void judge_nonce(const Evidence& evidence, const Expectations& expectations, Report& report) {
  if (expectations.freshness == Freshness::Replayed) {
    report.not_judged(Check::NonceFresh, "not judged: this is stored evidence");
  } else if (!expectations.nonce) {
    report.failed(Check::NonceFresh, "a nonce that we issued, that has not expired and was not used",
                  cat(to_hex(evidence.nonce), ", which is none"));
  } else if (!equal_in_constant_time(*expectations.nonce, evidence.nonce)) {
    report.failed(Check::NonceFresh, "the nonce that we issued", "another");
  } else {
    report.passed(Check::NonceFresh, to_hex(evidence.nonce));
  }
}

void take_as_signed(Report& report) {
  for (const Check check :
       {Check::NonceFresh, Check::AttestationSignature, Check::QuoteSelection, Check::QuoteDigest,
        Check::ClientKeyCertified, Check::UpdateKeyCertified, Check::RequestMatchesKey, Check::ClockForward}) {
    report.not_judged(check, "not judged again: it held when this evidence came");
  }
}

std::string behind(const tpm::ClockInfo& last, const tpm::ClockInfo& seen) {
  if (seen.reset_count < last.reset_count) return "the reset count went back";
  if (seen.reset_count == last.reset_count) {
    if (seen.restart_count < last.restart_count) return "the restart count went back";
    if (seen.restart_count == last.restart_count && seen.clock_ms < last.clock_ms) return "the clock went back";
  }
  if (seen.clock_ms < last.clock_ms && last.clock_ms - seen.clock_ms > kClockBehindMs) {
    return "the clock went back further than a reset can take it";
  }
  return {};
}

std::optional<tpm::ClockInfo> judge_quote(const Evidence& evidence, const Expectations& expectations,
                                          const Digest256& qualifying, Report& report) {
  const auto quote =
      tpm::verify_quote(*expectations.attestation_key, evidence.quote, evidence.quote_signature, qualifying);
  if (!quote) {
    report.failed(Check::AttestationSignature, quote.error());
    for (const Check check : {Check::QuoteSelection, Check::QuoteDigest, Check::ClockForward}) {
      report.not_judged(check, std::string(kNoQuote));
    }
    return {};
  }
  report.passed(Check::AttestationSignature, "a quote that it signed");
  judge_selection(**quote, report);
  judge_digest(**quote, evidence.pcr_values, report);
  const tpm::ClockInfo& clock = (*quote)->clock_info;
  judge_clock(clock, expectations.last_clock, report);
  return report.has_failed(Check::ClockForward) ? expectations.last_clock : clock;
}

}  // namespace holdfast::trust::appraisal
