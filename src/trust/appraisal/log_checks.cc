#include "trust/appraisal/log_checks.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/appraisal/image_checks.h"
#include "trust/appraisal/match.h"

namespace holdfast::trust::appraisal {
namespace {

using crypto::HashAlgorithm;

struct ReadLog {
  eventlog::Log log;
  eventlog::Replay replay;
};

/// A log without SHA-256 digests cannot be held against the quote, so it counts as one that cannot be read.
Result<ReadLog> read_log(Bytes bytes) {
  eventlog::Log log = TRY(eventlog::parse(bytes));
  eventlog::Replay replay = TRY(eventlog::replay(log, HashAlgorithm::Sha256));
  return ReadLog{std::move(log), std::move(replay)};
}

void judge_replay(const eventlog::Replay& replay, const std::vector<Digest256>& values, std::uint32_t pcrs,
                  Report& report) {
  for (unsigned pcr = 0; pcr < kPcrsQuoted; ++pcr) {
    if ((pcrs >> pcr & 1u) == 0) continue;
    if (pcr < values.size() && equal(replay.pcrs[pcr], values[pcr])) continue;
    report.failed_at(Check::LogReplays, pcr, {},
                     pcr < values.size() ? cat("PCR ", pcr, " = ", to_hex(values[pcr])) : cat("a value of PCR ", pcr),
                     cat("a log that gives ", to_hex(replay.pcrs[pcr])));
  }
  if (!report.has_failed(Check::LogReplays)) report.passed(Check::LogReplays, "the quoted values from the log");
}

void report_differences(const std::vector<Difference>& differences, Report& report) {
  for (const Difference& one : differences) {
    report.failed_at(Check::EventsKnown, one.pcr, one.event_index, one.expected, one.seen);
  }
}

void judge_unreadable(const Error& error, const Evidence& evidence, const Components& components, const Policy& policy,
                      Report& report) {
  report.failed(Check::LogParses, error);
  report.not_judged(Check::LogReplays, "not judged: the log cannot be read");
  report_differences(match_values(evidence.pcr_values, components.list, policy.pcrs), report);
  if (!report.has_failed(Check::EventsKnown)) {
    report.passed(Check::EventsKnown, "PCR values that allowed reference sets give, without a log to name the events");
  }
}

std::string words_for(const std::vector<const ReferenceSet*>& sets, std::size_t events) {
  std::vector<std::string> names;
  names.reserve(sets.size());
  for (const ReferenceSet* set : sets) names.push_back(cat(set->component, " ", set->version));
  return cat(events, " events of ", join(names, ", "));
}

std::vector<const ReferenceSet*> judge_events(const eventlog::Log& log, const Components& components,
                                              const Policy& policy, Report& report) {
  Match match = match_log(log, components.list, policy.pcrs);
  report_differences(match.differences, report);
  if (match.unlisted > 0) {
    report.failed(Check::EventsKnown, "no further difference", cat(match.unlisted, " more differences"));
  }
  // Without this, a device that measured nothing would pass where every component may be absent.
  if (match.differences.empty() && match.sets.empty()) {
    report.failed(Check::EventsKnown, "at least one component that this device may run", "none in the log");
  }
  if (report.has_failed(Check::EventsKnown)) return {};
  report.passed(Check::EventsKnown, words_for(match.sets, match.events));
  return std::move(match.sets);
}

std::vector<MatchedImage> images_of(const std::vector<const ReferenceSet*>& sets) {
  std::vector<MatchedImage> out;
  out.reserve(sets.size());
  for (const ReferenceSet* set : sets) {
    out.push_back({set->component, set->version, set->security_version, set->source});
  }
  return out;
}

}  // namespace

std::vector<MatchedImage> judge_log(const Evidence& evidence, const Expectations& expectations, const Policy& policy,
                                    Report& report) {
  const Components components = components_of(expectations, policy);
  for (const Shortfall& one : components.shortfalls) report.failed(Check::EventsKnown, one.expected, one.seen);
  std::vector<MatchedImage> images;
  if (const auto read = read_log(evidence.event_log)) {
    report.passed(Check::LogParses, cat(read->log.events.size(), " events, ", eventlog::name_of(read->log.format)));
    judge_replay(read->replay, evidence.pcr_values, policy.pcrs, report);
    images = images_of(judge_events(read->log, components, policy, report));
  } else {
    judge_unreadable(read.error(), evidence, components, policy, report);
  }
  judge_images(images, evidence, expectations, policy, report);
  return images;
}

}  // namespace holdfast::trust::appraisal
