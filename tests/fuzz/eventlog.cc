// A boot's event log from a device: what parses can be described, replayed, and written again.
#include "base/check.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  using namespace trust;
  const auto log = eventlog::parse(Bytes(input, size));
  if (!log) return 0;
  eventlog::LogWriter writer;
  for (const eventlog::Event& event : log->events) {
    CHECK_INVARIANT(eventlog::describe(event).starts_with("EV_"));
    if (!eventlog::digest_of(event, crypto::HashAlgorithm::Sha256).empty()) writer.append(event);
  }
  for (const auto bank : log->algorithms) CHECK_INVARIANT(eventlog::replay(*log, bank));
  if (const auto original = eventlog::replay(*log, crypto::HashAlgorithm::Sha256)) {
    const auto rewritten = eventlog::parse(writer.bytes());
    CHECK_INVARIANT(rewritten && eventlog::replay(*rewritten, crypto::HashAlgorithm::Sha256)->pcrs == original->pcrs);
  }
  return 0;
}
