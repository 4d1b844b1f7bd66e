// What an appraisal can say, and the closed table that maps each check to the verdict of its failure (flow 2.3). The
// worst failed check decides. A policy may make a check's verdict harsher, never milder.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace holdfast::trust::appraisal {

inline constexpr Reason kVerdictUnknown{"verdict-unknown"};
inline constexpr Reason kCheckUnknown{"check-unknown"};

/// From best to worst.
enum class Verdict {
  Healthy,      ///< client certificate and update certificate
  UpdateOnly,   ///< update certificate: the device may repair itself and nothing else
  Quarantined,  ///< an update certificate of an hour that may only report
  Refused,      ///< nothing
};
std::string_view name_of(Verdict verdict);  ///< healthy, update-only, quarantined, refused
Result<Verdict> verdict_from(std::string_view name);

enum class Check {
  NonceFresh,
  AttestationSignature,
  QuoteSelection,
  QuoteDigest,
  LogReplays,
  ClientKeyCertified,
  UpdateKeyCertified,
  RequestMatchesKey,
  ClockForward,
  LogParses,
  EventsKnown,
  VersionsKnown,
  AboveFloor,
  NotWithdrawn,
};

struct CheckRow {
  Check check;
  std::string_view name;   ///< for policies and records: `events-known`
  Verdict when_it_fails;   ///< the mildest that a policy can make it
  std::string_view words;  ///< what holds when it passes
};

inline constexpr std::size_t kCheckCount = 14;

/// In the order of Check, which is the order of reports.
inline constexpr std::array<CheckRow, kCheckCount> kChecks{{
    {Check::NonceFresh, "nonce-fresh", Verdict::Refused, "the nonce is ours, recent and unused"},
    {Check::AttestationSignature, "attestation-signature", Verdict::Refused,
     "the device's attestation key signed this quote over this nonce and body"},
    {Check::QuoteSelection, "quote-selection", Verdict::Refused, "the quote covers PCR 0 to 15 of the SHA-256 bank"},
    {Check::QuoteDigest, "quote-digest", Verdict::Refused, "the PCR values are the quoted ones"},
    {Check::LogReplays, "log-replays", Verdict::Refused, "the event log replays to the PCR values"},
    {Check::ClientKeyCertified, "client-key-certified", Verdict::Refused, "the client key lives in the device's TPM"},
    {Check::UpdateKeyCertified, "update-key-certified", Verdict::Refused, "the update key lives in the device's TPM"},
    {Check::RequestMatchesKey, "request-matches-key", Verdict::Refused,
     "the certificate requests are for the certified keys"},
    {Check::ClockForward, "clock-forward", Verdict::Quarantined, "the TPM's clock and counters never went back"},
    {Check::LogParses, "log-parses", Verdict::UpdateOnly, "the event log can be read"},
    {Check::EventsKnown, "events-known", Verdict::UpdateOnly,
     "every boot event is a reference value, in its place, and none is missing"},
    {Check::VersionsKnown, "versions-known", Verdict::UpdateOnly, "the versions reported are the versions measured"},
    {Check::AboveFloor, "above-floor", Verdict::UpdateOnly, "no component is below its floor"},
    {Check::NotWithdrawn, "not-withdrawn", Verdict::UpdateOnly, "no component runs a withdrawn image"},
}};

constexpr const CheckRow& row_of(Check check) { return kChecks[static_cast<std::size_t>(check)]; }
constexpr std::string_view name_of(Check check) { return row_of(check).name; }
Result<Check> check_from(std::string_view name);

}  // namespace holdfast::trust::appraisal
