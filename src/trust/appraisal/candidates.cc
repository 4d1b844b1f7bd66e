#include "trust/appraisal/candidates.h"

#include <algorithm>
#include <bit>

#include "trust/appraisal/match.h"

namespace holdfast::trust::appraisal {
namespace {

/// The fitting alternatives for which `holds`.
template <class Predicate>
AlternativeMask filter(const Component& component, AlternativeMask fitting, Predicate holds) {
  AlternativeMask out = 0;
  for (AlternativeMask left = fitting; left != 0; left &= left - 1) {
    const int index = std::countr_zero(left);
    if (holds(component.alternatives[static_cast<std::size_t>(index)])) out |= AlternativeMask{1} << index;
  }
  return out;
}

}  // namespace

Candidates::Candidates(const std::vector<Component>& components) : components_(&components), held_(1) {
  for (std::size_t i = 0; i < components.size(); ++i) held_.front()[i].fitting = components[i].all();
}

Candidates::Candidates(const std::vector<Component>& components, const std::vector<AlternativeMask>& fitting)
    : components_(&components), held_(1) {
  for (std::size_t i = 0; i < components.size(); ++i) held_.front()[i].fitting = fitting[i];
}

bool Candidates::see(unsigned pcr, Bytes digest) {
  next_.clear();
  for (const Candidate& candidate : held_) {
    for (std::size_t i = 0; i < components_->size(); ++i) {
      const Place place = candidate[i];
      const auto continues = [&](const Alternative& alternative) {
        const auto events = alternative.events.at(pcr);
        return place.seen < events.size() && equal(events[place.seen]->digest, digest);
      };
      const AlternativeMask fitting = filter((*components_)[i], place.fitting, continues);
      if (fitting == 0) continue;
      next_.push_back(candidate);
      next_.back()[i] = {fitting, place.seen + 1};
    }
  }
  keep_distinct();
  return !held_.empty();
}

bool Candidates::finish(unsigned pcr) {
  next_.clear();
  for (Candidate candidate : held_) {
    bool is_complete = true;
    for (std::size_t i = 0; i < components_->size() && is_complete; ++i) {
      const auto ends_here = [&](const Alternative& alternative) {
        return alternative.events.at(pcr).size() == candidate[i].seen;
      };
      candidate[i] = {filter((*components_)[i], candidate[i].fitting, ends_here), 0};
      is_complete = candidate[i].fitting != 0;
    }
    if (is_complete) next_.push_back(candidate);
  }
  keep_distinct();
  return !held_.empty();
}

std::vector<AlternativeMask> Candidates::fitting() const {
  std::vector<AlternativeMask> out(components_->size());
  for (const Candidate& candidate : held_) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] |= candidate[i].fitting;
  }
  return out;
}

// Dropping candidates beyond the limit can only refuse what would have matched, never match what must not.
void Candidates::keep_distinct() {
  if (next_.size() > 1) {
    std::ranges::sort(next_);
    const auto repeated = std::ranges::unique(next_);
    next_.erase(repeated.begin(), repeated.end());
    if (next_.size() > kCandidatesMax) next_.resize(kCandidatesMax);
  }
  held_.swap(next_);
}

}  // namespace holdfast::trust::appraisal
