// Events by PCR, each PCR's in their order: one array of pointers and where each PCR begins in it. Borrows the events.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "trust/appraisal/reference_set.h"

namespace holdfast::trust::appraisal {

/// `T` has a member `pcr`.
template <class T>
class ByPcr {
 public:
  ByPcr() = default;

  /// Those of `items` that `is_wanted` and that are in a quoted PCR.
  template <class Wanted>
  ByPcr(const std::vector<T>& items, Wanted is_wanted) {
    for (const T& item : items) {
      if (item.pcr < kPcrsQuoted && is_wanted(item)) ++begin_[item.pcr + 1];
    }
    for (unsigned pcr = 0; pcr < kPcrsQuoted; ++pcr) begin_[pcr + 1] += begin_[pcr];
    items_.resize(begin_[kPcrsQuoted]);
    auto next = begin_;
    for (const T& item : items) {
      if (item.pcr < kPcrsQuoted && is_wanted(item)) items_[next[item.pcr]++] = &item;
    }
  }

  std::span<const T* const> at(unsigned pcr) const {
    return std::span(items_).subspan(begin_[pcr], begin_[pcr + 1] - begin_[pcr]);
  }
  std::size_t size() const { return items_.size(); }

 private:
  std::vector<const T*> items_;
  std::array<std::uint32_t, kPcrsQuoted + 1> begin_{};
};

}  // namespace holdfast::trust::appraisal
