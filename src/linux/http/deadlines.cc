#include "linux/http/deadlines.h"

namespace holdfast::linux::http {

void Deadlines::set(std::uint64_t id, std::int64_t at_ms) {
  const auto [known, is_new] = by_id_.try_emplace(id, Times{at_ms, at_ms});
  Times& times = known->second;
  times.due = at_ms;
  if (is_new) order_.emplace(at_ms, id);
  if (at_ms < times.looked_at) move(id, times, at_ms);
}

void Deadlines::move(std::uint64_t id, Times& times, std::int64_t looked_at) {
  auto node = order_.extract({times.looked_at, id});
  node.value().first = looked_at;
  order_.insert(std::move(node));
  times.looked_at = looked_at;
}

void Deadlines::clear(std::uint64_t id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  order_.erase({known->second.looked_at, id});
  by_id_.erase(known);
}

std::optional<std::uint64_t> Deadlines::take_due(std::int64_t now_ms) {
  while (!order_.empty() && order_.begin()->first <= now_ms) {
    const std::uint64_t id = order_.begin()->second;
    Times& times = by_id_.at(id);
    if (times.due <= now_ms) {
      clear(id);
      return id;
    }
    move(id, times, times.due);
  }
  return std::nullopt;
}

}  // namespace holdfast::linux::http
