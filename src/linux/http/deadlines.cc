#include "linux/http/deadlines.h"

namespace holdfast::linux::http {

void Deadlines::set(std::uint64_t id, std::int64_t at_ms) {
  const auto [known, is_new] = by_id_.try_emplace(id, at_ms);
  if (is_new) {
    by_time_.emplace(at_ms, id);
    return;
  }
  auto node = by_time_.extract({known->second, id});
  node.value().first = at_ms;
  by_time_.insert(std::move(node));
  known->second = at_ms;
}

void Deadlines::clear(std::uint64_t id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  by_time_.erase({known->second, id});
  by_id_.erase(known);
}

std::optional<std::uint64_t> Deadlines::take_due(std::int64_t now_ms) {
  if (by_time_.empty() || by_time_.begin()->first > now_ms) return std::nullopt;
  const std::uint64_t id = by_time_.begin()->second;
  by_time_.erase(by_time_.begin());
  by_id_.erase(id);
  return id;
}

}  // namespace holdfast::linux::http
