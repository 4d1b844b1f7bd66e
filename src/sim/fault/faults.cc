#include "sim/fault/faults.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace holdfast::sim::fault {

std::string_view name_of(Cut cut) { return cut == Cut::Before ? "before" : "after"; }

Result<void> Faults::begin(std::string_view what) {
  if (crashed_) return fail(Next::Retry, kCrashed, cat(what, ": expected power, saw none"));
  ++calls_;
  return cut_if_scheduled(Cut::Before, calls_ - 1, what);
}

Result<void> Faults::end(std::string_view what) {
  // An operation that itself went through ports may have lost the power on the way.
  if (crashed_) return fail(Next::Retry, kCrashed, cat(what, ": expected power, saw none"));
  return cut_if_scheduled(Cut::After, calls_ - 1, what);
}

Result<void> Faults::cut_if_scheduled(Cut when, std::int64_t call, std::string_view what) {
  if (std::exchange(is_changed_, false)) moments_.push_back({call, when});
  if (std::find(cuts_.begin(), cuts_.end(), PowerCut{call, when}) == cuts_.end()) return {};
  crashed_ = true;
  cut_at_ = cat(name_of(when), " call ", call, ", ", what);
  return fail(Next::Retry, kCrashed, cat(what, ": the power was cut ", cut_at_));
}

}  // namespace holdfast::sim::fault
