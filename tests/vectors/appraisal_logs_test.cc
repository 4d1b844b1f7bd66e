// Real machines' event logs, judged: a machine that boots as its baseline says is healthy; the same log with any one
// event changed, dropped, doubled or swapped is update-only, and the finding names that event.
#include <doctest/doctest.h>

#include "attesting_device.h"
#include "base/encoding.h"
#include "trust/appraisal/match.h"
#include "vectors/folder.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::appraisal;
using crypto::HashAlgorithm;
using eventlog::Event;

namespace {

using Events = std::vector<Event>;

struct Machine {
  std::string file;
  eventlog::Log log;
  ReferenceSet baseline;
};

/// Those whose logs carry SHA-256 digests.
std::vector<Machine> machines() {
  std::vector<Machine> out;
  const auto folder = vectors_folder("eventlogs");
  if (folder.empty()) return out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto log = eventlog::parse(read_vector(entry.path()));
    if (!log) continue;
    auto baseline = reference_set_from_log({"firmware", "golden"}, 1, *log);
    if (baseline) out.push_back({entry.path().filename().string(), *std::move(log), *std::move(baseline)});
  }
  CHECK(out.size() >= 10);
  return out;
}

bool is_judged(const Event& event) { return event.pcr < kPcrsQuoted && eventlog::extends(event); }

Bytes digest_of(const Event& event) { return eventlog::digest_of(event, HashAlgorithm::Sha256); }

Match match_of(const Machine& machine, Events events) {
  eventlog::Log log = machine.log;
  log.events = std::move(events);
  Expectations expectations;
  expectations.allowed = {&machine.baseline};
  return match_log(log, components_of(expectations, {}).list, 0xFFFF);
}

/// Some difference is about this event: its PCR, and its digest among what was expected or seen.
bool names(const Match& match, const Event& event) {
  const std::string digest = to_hex(digest_of(event));
  return std::ranges::any_of(match.differences, [&](const Difference& one) {
    return one.pcr == event.pcr &&
           (one.expected.find(digest) != std::string::npos || one.seen.find(digest) != std::string::npos);
  });
}

Blob written(const eventlog::Log& log) {
  eventlog::LogWriter writer;
  for (std::size_t i = 1; i < log.events.size(); ++i) writer.append(log.events[i]);
  return writer.bytes();
}

}  // namespace

TEST_CASE("a real machine that boots as its baseline says is healthy") {
  for (const Machine& machine : machines()) {
    CAPTURE(machine.file);
    AttestingDevice device({});
    device.event_log = written(machine.log);
    device.pcr_values = pcrs_after(device.event_log);
    device.sign();
    CHECK(appraise(device.evidence(), device.expectations({&machine.baseline}), {}).verdict == Verdict::Healthy);
  }
}

TEST_CASE("a real machine with one event changed is update-only") {
  for (const Machine& machine : machines()) {
    CAPTURE(machine.file);
    eventlog::Log log = machine.log;
    Event& changed = log.events[log.events.size() / 2];
    if (!is_judged(changed)) continue;
    for (auto& digest : changed.digests) digest.value[0] ^= 1;
    AttestingDevice device({});
    device.event_log = written(log);
    device.pcr_values = pcrs_after(device.event_log);
    device.sign();
    CHECK(appraise(device.evidence(), device.expectations({&machine.baseline}), {}).verdict == Verdict::UpdateOnly);
  }
}

TEST_CASE("every event of every real log is missed when it is changed, dropped or doubled, and is named") {
  std::size_t tried = 0;
  for (const Machine& machine : machines()) {
    CAPTURE(machine.file);
    for (std::size_t i = 0; i < machine.log.events.size(); ++i) {
      const Event& event = machine.log.events[i];
      if (!is_judged(event)) continue;
      CAPTURE(i);
      const auto at = static_cast<std::ptrdiff_t>(i);
      Events changed = machine.log.events;
      for (auto& digest : changed[i].digests) digest.value[0] ^= 1;
      CHECK(names(match_of(machine, changed), event));
      Events dropped = machine.log.events;
      dropped.erase(dropped.begin() + at);
      CHECK(names(match_of(machine, dropped), event));
      Events doubled = machine.log.events;
      doubled.insert(doubled.begin() + at, event);
      CHECK(names(match_of(machine, doubled), event));
      ++tried;
    }
  }
  MESSAGE(tried << " events of real machines");
}

TEST_CASE("two events of one PCR that swapped places are missed, and both are named") {
  for (const Machine& machine : machines()) {
    CAPTURE(machine.file);
    for (std::size_t i = 0; i < machine.log.events.size(); ++i) {
      const Event& event = machine.log.events[i];
      if (!is_judged(event)) continue;
      const auto next =
          std::find_if(machine.log.events.begin() + static_cast<std::ptrdiff_t>(i) + 1, machine.log.events.end(),
                       [&](const Event& later) { return is_judged(later) && later.pcr == event.pcr; });
      if (next == machine.log.events.end() || equal(digest_of(*next), digest_of(event))) continue;
      CAPTURE(i);
      Events swapped = machine.log.events;
      std::swap(swapped[i], swapped[static_cast<std::size_t>(next - machine.log.events.begin())]);
      const Match match = match_of(machine, swapped);
      CHECK(names(match, event));
      CHECK(names(match, *next));
    }
  }
}
