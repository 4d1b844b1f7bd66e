#include "trust/tuf/search.h"

#include <set>

namespace holdfast::trust::tuf {
namespace {

struct Visit {
  std::string role;
  std::string delegator;
};

/// Whom `targets` asks next, the first one last; and whether nobody else is asked.
struct Delegated {
  std::vector<Visit> visits;
  bool is_last_word = false;
};

Delegated delegated_by(const Targets& targets, const std::string& role, std::string_view path) {
  Delegated out;
  for (const Delegation& one : targets.delegations) {
    if (!one.covers(path)) continue;
    out.visits.insert(out.visits.begin(), {one.name, role});
    out.is_last_word = one.terminating;
    if (one.terminating) break;
  }
  return out;
}

}  // namespace

Result<std::optional<Target>> find_target(std::string_view path, const LoadTargets& load) {
  std::vector<Visit> waiting = {{std::string(kTopTargets), ""}};
  std::set<std::string, std::less<>> visited;
  while (!waiting.empty() && visited.size() < kDelegationsVisitedMax) {
    const Visit next = std::move(waiting.back());
    waiting.pop_back();
    if (!visited.insert(next.role).second) continue;
    const Targets* targets = TRY(load(next.role, next.delegator));
    if (const auto at = targets->targets.find(path); at != targets->targets.end()) return std::optional(at->second);
    Delegated delegated = delegated_by(*targets, next.role, path);
    if (delegated.is_last_word) waiting.clear();
    waiting.insert(waiting.end(), delegated.visits.begin(), delegated.visits.end());
  }
  return std::optional<Target>();
}

}  // namespace holdfast::trust::tuf
