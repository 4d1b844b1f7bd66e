// The checks on what the TPM signed: nonce, quote, certified keys, clock. Private to the appraisal.
#pragma once

#include "trust/appraisal/report.h"
#include "trust/tpm/verify.h"

namespace holdfast::trust::appraisal {

/// Says of every check of this header that it held when the evidence came.
void take_as_signed(Report& report);

void judge_nonce(const Evidence& evidence, const Expectations& expectations, Report& report);

/// AttestationSignature, QuoteSelection, QuoteDigest, ClockForward; the clock to remember where the quote is genuine.
std::optional<tpm::ClockInfo> judge_quote(const Evidence& evidence, const Expectations& expectations,
                                          const Digest256& qualifying, Report& report);

struct CertifiedKeys {
  std::optional<Blob> client_spki;
  std::optional<Blob> update_spki;
};

/// ClientKeyCertified, UpdateKeyCertified, RequestMatchesKey; the keys that passed all of theirs.
CertifiedKeys judge_keys(const Evidence& evidence, const tpm::PublicArea& attestation_key, const Digest256& qualifying,
                         Report& report);

/// Says how `seen` is behind `last`, or nothing. The counters of one TPM never decrease, the reset count before the
/// restart count (TPM 2.0 Library, Part 1 §36). Under equal counters the clock never decreases either; after a reset it
/// resumes from what was last written to NV, which is at most kClockBehindMs old. Equal values are not behind: they are
/// the same quote judged again.
inline constexpr std::uint64_t kClockBehindMs = std::uint64_t{1} << 22;
std::string behind(const tpm::ClockInfo& last, const tpm::ClockInfo& seen);

}  // namespace holdfast::trust::appraisal
