#include "trust/appraisal/difference.h"

#include <algorithm>
#include <bit>
#include <deque>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/appraisal/align.h"

namespace holdfast::trust::appraisal {
namespace {

using Expected = std::span<const ReferenceEvent* const>;

/// An expected event that the alignment did not find, and the stretch of the log where it should be.
struct Missing {
  const ReferenceSet* set;
  const ReferenceEvent* event;
  const ReferenceEvent* next;  ///< the set's next event in this PCR, or null
  std::size_t from;
  std::size_t to;
  bool is_told = false;
};

enum class Kind { Changed, Misplaced, Dropped, LeftOver };

struct Spot {
  Kind kind;
  const Missing* missing;  ///< null for what is left over
  std::size_t at;          ///< in the PCR's log
  std::size_t order;       ///< among those of the same place
};

std::string words_for(const ReferenceSet& set, const ReferenceEvent& event) {
  return cat(set.component, " ", set.version, " '", printable(event.description), "' with SHA-256 ",
             to_hex(event.digest));
}

std::string words_for(const eventlog::Event& event) {
  return cat("event ", event.index, " ", eventlog::describe(event), " with SHA-256 ",
             to_hex(eventlog::digest_of(event, crypto::HashAlgorithm::Sha256)));
}

class PcrExplanation {
 public:
  PcrExplanation(unsigned pcr, std::span<const eventlog::Event* const> log, const std::vector<Component>& components)
      : pcr_(pcr), log_(log), components_(components), unclaimed_(log.begin(), log.end()) {}

  /// Gives the component the events of the alternative that explains most; returns all that expect the same here.
  AlternativeMask claim(const Component& component, AlternativeMask fitting) {
    long best_score = 0;
    const Alternative* best = nullptr;
    std::vector<std::size_t> places;
    for (AlternativeMask left = fitting; left != 0; left &= left - 1) {
      const Alternative& alternative = component.alternatives[static_cast<std::size_t>(std::countr_zero(left))];
      const Expected expected = alternative.events.at(pcr_);
      auto found = align(expected, unclaimed_);
      const auto count = std::ranges::count_if(found, [](std::size_t place) { return place != kUnaligned; });
      const long score = 2 * static_cast<long>(count) - static_cast<long>(expected.size());
      if (best != nullptr && score <= best_score) continue;
      best = &alternative;
      best_score = score;
      places = std::move(found);
    }
    if (best == nullptr) return fitting;
    record(*best, places);
    return alike(component, fitting, *best);
  }

  std::vector<Spot> spots() {
    if (missing_.size() * log_.size() <= kAlignCellsMax) {
      for (Missing& missing : missing_) {
        pair(Kind::Misplaced, missing, 0, log_.size(),
             [&](const auto& seen) { return is_event(*missing.event, seen); });
      }
    }
    for (Missing& missing : missing_) {
      pair(Kind::Changed, missing, missing.from, missing.to, [](const auto&) { return true; });
    }
    for (const Missing& missing : missing_) {
      if (!missing.is_told) add(Kind::Dropped, &missing, missing.from);
    }
    for (std::size_t place = 0; place < log_.size(); ++place) {
      if (unclaimed_[place] != nullptr) add(Kind::LeftOver, nullptr, place);
    }
    std::ranges::sort(spots_, {}, [](const Spot& spot) { return std::pair(spot.at, spot.order); });
    return std::move(spots_);
  }

  Difference tell(const Spot& spot) const {
    Difference out{.pcr = pcr_, .event_index = {}, .expected = {}, .seen = {}};
    const eventlog::Event* seen = spot.at < log_.size() ? log_[spot.at] : nullptr;
    if (seen != nullptr) out.event_index = seen->index;
    if (spot.missing != nullptr) out.expected = words_for(*spot.missing->set, *spot.missing->event);
    switch (spot.kind) {
      case Kind::Changed: out.seen = cat(words_for(*seen), known_as(*seen)); break;
      case Kind::Misplaced:
        out.expected += spot.missing->next == nullptr
                            ? " as its last event"
                            : cat(" before ", words_for(*spot.missing->set, *spot.missing->next));
        out.seen = cat("it out of place, as ", words_for(*seen));
        break;
      case Kind::Dropped:
        out.seen = seen == nullptr ? cat("no such event before the end of PCR ", pcr_)
                                   : cat("no such event before ", words_for(*seen));
        break;
      case Kind::LeftOver:
        out.expected = is_repetition(*seen) ? "this event once" : "no event here but those of allowed reference sets";
        out.seen = cat(words_for(*seen), is_repetition(*seen) ? ", again" : known_as(*seen));
        break;
    }
    return out;
  }

 private:
  void record(const Alternative& alternative, const std::vector<std::size_t>& places) {
    const Expected expected = alternative.events.at(pcr_);
    std::size_t from = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (places[i] != kUnaligned) {
        unclaimed_[places[i]] = nullptr;
        from = places[i] + 1;
        continue;
      }
      const auto later = std::find_if(places.begin() + static_cast<std::ptrdiff_t>(i), places.end(),
                                      [](std::size_t place) { return place != kUnaligned; });
      const ReferenceEvent* next = i + 1 < expected.size() ? expected[i + 1] : nullptr;
      missing_.push_back({alternative.set, expected[i], next, from, later == places.end() ? log_.size() : *later});
    }
  }

  AlternativeMask alike(const Component& component, AlternativeMask fitting, const Alternative& chosen) const {
    AlternativeMask out = 0;
    const auto is_same = [](const ReferenceEvent* a, const ReferenceEvent* b) { return a->digest == b->digest; };
    for (AlternativeMask left = fitting; left != 0; left &= left - 1) {
      const int index = std::countr_zero(left);
      const Alternative& other = component.alternatives[static_cast<std::size_t>(index)];
      if (std::ranges::equal(other.events.at(pcr_), chosen.events.at(pcr_), is_same))
        out |= AlternativeMask{1} << index;
    }
    return out;
  }

  void add(Kind kind, const Missing* missing, std::size_t at) { spots_.push_back({kind, missing, at, spots_.size()}); }

  /// Tells a missing event together with the first unclaimed one from `from` to `to` that `belongs` to it, and claims
  /// that.
  template <class Belongs>
  void pair(Kind kind, Missing& missing, std::size_t from, std::size_t to, Belongs belongs) {
    if (missing.is_told) return;
    for (std::size_t place = from; place < to; ++place) {
      if (unclaimed_[place] == nullptr || !belongs(*unclaimed_[place])) continue;
      unclaimed_[place] = nullptr;
      missing.is_told = true;
      add(kind, &missing, place);
      return;
    }
  }

  /// Whether the log holds this measurement in another place too.
  bool is_repetition(const eventlog::Event& seen) const {
    const Bytes digest = eventlog::digest_of(seen, crypto::HashAlgorithm::Sha256);
    return std::ranges::any_of(log_, [&](const eventlog::Event* other) {
      return other != &seen && equal(digest, eventlog::digest_of(*other, crypto::HashAlgorithm::Sha256));
    });
  }

  /// `, which is os 1.0 'kernel'` where some allowed set knows the event.
  std::string known_as(const eventlog::Event& seen) const {
    for (const Component& component : components_) {
      for (const Alternative& alternative : component.alternatives) {
        for (const ReferenceEvent* event : alternative.events.at(pcr_)) {
          if (!is_event(*event, seen)) continue;
          return cat(", which is ", component.name, " ", alternative.set->version, " '", printable(event->description),
                     "'");
        }
      }
    }
    return {};
  }

  unsigned pcr_;
  std::span<const eventlog::Event* const> log_;
  const std::vector<Component>& components_;
  std::vector<const eventlog::Event*> unclaimed_;  ///< null where some component explains the event
  std::deque<Missing> missing_;                    ///< whose addresses spots hold
  std::vector<Spot> spots_;
};

}  // namespace

std::size_t explain_pcr(unsigned pcr, std::span<const eventlog::Event* const> log,
                        const std::vector<Component>& components, std::vector<AlternativeMask>& fitting,
                        std::size_t room, std::vector<Difference>& out) {
  PcrExplanation explanation(pcr, log, components);
  for (std::size_t i = 0; i < components.size(); ++i) fitting[i] = explanation.claim(components[i], fitting[i]);
  const std::vector<Spot> spots = explanation.spots();
  for (std::size_t i = 0; i < spots.size() && i < room; ++i) out.push_back(explanation.tell(spots[i]));
  return spots.size();
}

}  // namespace holdfast::trust::appraisal
