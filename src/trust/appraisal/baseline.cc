#include <algorithm>

#include "base/text.h"
#include "trust/appraisal/reference_set.h"
#include "trust/eventlog/log.h"

namespace holdfast::trust::appraisal {
namespace {

using crypto::HashAlgorithm;
using Events = std::vector<const eventlog::Event*>;

constexpr std::size_t kShownBytesMax = 160;

bool is_judged(const eventlog::Event& event, std::uint32_t pcrs) {
  return event.pcr < kPcrsQuoted && (pcrs >> event.pcr & 1u) != 0 && eventlog::extends(event);
}

/// Takes the events of `set` out of `left`, where they must stand in its order.
Result<void> take_out(const ReferenceSet& set, std::uint32_t pcrs, Events& left) {
  std::array<std::size_t, kPcrsQuoted> from{};
  for (const ReferenceEvent& wanted : set.events) {
    if ((pcrs >> wanted.pcr & 1u) == 0) continue;
    const auto is_wanted = [&](const eventlog::Event* event) {
      return event != nullptr && event->pcr == wanted.pcr &&
             equal(eventlog::digest_of(*event, HashAlgorithm::Sha256), wanted.digest);
    };
    const auto at = std::find_if(left.begin() + static_cast<std::ptrdiff_t>(from[wanted.pcr]), left.end(), is_wanted);
    if (at == left.end()) {
      return fail(Next::Rejected, kReferenceSetMalformed,
                  cat("expected the log to hold ", set.component, " ", set.version, ", saw no '",
                      printable(wanted.description), "' in its place in PCR ", int{wanted.pcr}));
    }
    *at = nullptr;
    from[wanted.pcr] = static_cast<std::size_t>(at - left.begin()) + 1;
  }
  return {};
}

}  // namespace

Result<ReferenceSet> reference_set_from_log(const ImageName& name, std::int64_t security_version,
                                            const eventlog::Log& log, std::uint32_t pcrs,
                                            const std::vector<const ReferenceSet*>& covered) {
  TRY(require_component_name(name.component));
  TRY(require_component_version(name.version));
  Events left;
  for (const eventlog::Event& event : log.events) {
    if (is_judged(event, pcrs)) left.push_back(&event);
  }
  for (const ReferenceSet* set : covered) TRY(take_out(*set, pcrs, left));
  std::erase(left, nullptr);
  if (left.empty() || left.size() > kReferenceEventsMax) {
    return fail(Next::Rejected, kReferenceSetMalformed,
                cat("expected 1 to ", kReferenceEventsMax, " events for a baseline, saw ", left.size()));
  }
  ReferenceSet out{name.component, name.version, security_version, ReferenceSource::Baseline, {}};
  for (const eventlog::Event* event : left) {
    ReferenceEvent made{
        static_cast<std::uint8_t>(event->pcr), {}, printable(eventlog::describe(*event), kShownBytesMax)};
    const Bytes digest = eventlog::digest_of(*event, HashAlgorithm::Sha256);
    if (digest.size() != made.digest.size()) {
      return fail(Next::Rejected, kReferenceSetMalformed,
                  cat("expected SHA-256 digests in the log, saw event ", event->index, " without one"));
    }
    std::ranges::copy(digest, made.digest.begin());
    out.events.push_back(std::move(made));
  }
  return out;
}

}  // namespace holdfast::trust::appraisal
