#include "ha/pulse.h"

#include <algorithm>

namespace holdfast::tests {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

void Pulse::beat(const std::string& name, Time asked) {
  const std::lock_guard hold(lock_);
  const Time now = std::chrono::steady_clock::now();
  if (now > died_) gap_ = std::max(gap_, now - std::max(last_, died_));
  last_ = now;
  if (asked > died_) returned_.try_emplace(name, now - died_);
}

void Pulse::mark(Time died) {
  const std::lock_guard hold(lock_);
  died_ = died;
  gap_ = {};
  returned_.clear();
}

std::vector<std::string> Pulse::awaited(const std::string& prefix) const {
  const std::lock_guard hold(lock_);
  std::vector<std::string> out;
  for (const std::string& name : names_) {
    if (name.starts_with(prefix) && !returned_.contains(name)) out.push_back(name);
  }
  return out;
}

milliseconds Pulse::gap() const {
  const std::lock_guard hold(lock_);
  return duration_cast<milliseconds>(gap_);
}

milliseconds Pulse::last_return(const std::string& prefix) const {
  const std::lock_guard hold(lock_);
  Time::duration last{};
  for (const auto& [name, after] : returned_) {
    if (name.starts_with(prefix)) last = std::max(last, after);
  }
  return duration_cast<milliseconds>(last);
}

}  // namespace holdfast::tests
