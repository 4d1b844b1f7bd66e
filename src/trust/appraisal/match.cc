#include "trust/appraisal/match.h"

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "trust/appraisal/candidates.h"

namespace holdfast::trust::appraisal {
namespace {

using crypto::HashAlgorithm;
using PcrLog = std::span<const eventlog::Event* const>;

bool fits(Candidates& candidates, unsigned pcr, PcrLog log) {
  for (const eventlog::Event* event : log) {
    if (!candidates.see(pcr, eventlog::digest_of(*event, HashAlgorithm::Sha256))) return false;
  }
  return candidates.finish(pcr);
}

/// Appends the differences of one PCR; returns what to go on with.
Candidates explain(unsigned pcr, PcrLog log, const std::vector<Component>& components, const Candidates& before,
                   Match& match) {
  std::vector<AlternativeMask> fitting = before.fitting();
  const std::size_t listed = match.differences.size();
  const std::size_t room = kDifferencesMax - std::min(listed, kDifferencesMax);
  const std::size_t count = explain_pcr(pcr, log, components, fitting, room, match.differences);
  match.unlisted += count - (match.differences.size() - listed);
  if (count == 0) {
    match.differences.push_back(
        {pcr, {}, "events that can be told apart", cat("more than ", kCandidatesMax, " ways to read PCR ", pcr)});
  }
  return Candidates(components, fitting);
}

std::vector<const ReferenceSet*> sets_of(const std::vector<Component>& components, const Candidates& candidates) {
  std::vector<const ReferenceSet*> out;
  const std::vector<AlternativeMask> fitting = candidates.fitting();
  for (std::size_t i = 0; i < components.size(); ++i) {
    for (AlternativeMask left = fitting[i]; left != 0; left &= left - 1) {
      const auto& alternative = components[i].alternatives[static_cast<std::size_t>(std::countr_zero(left))];
      if (alternative.set != nullptr) out.push_back(alternative.set);
    }
  }
  return out;
}

}  // namespace

Match match_log(const eventlog::Log& log, const std::vector<Component>& components, std::uint32_t pcrs) {
  Match out;
  const ByPcr<eventlog::Event> events(log.events, [pcrs](const eventlog::Event& event) {
    return (pcrs >> event.pcr & 1u) != 0 && eventlog::extends(event);
  });
  out.events = events.size();
  Candidates candidates(components);
  for (unsigned pcr = 0; pcr < kPcrsQuoted; ++pcr) {
    const Candidates before = candidates;
    if (fits(candidates, pcr, events.at(pcr))) continue;
    candidates = explain(pcr, events.at(pcr), components, before, out);
  }
  if (out.differences.empty()) out.sets = sets_of(components, candidates);
  return out;
}

}  // namespace holdfast::trust::appraisal
