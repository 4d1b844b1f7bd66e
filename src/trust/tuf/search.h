// Which role's word counts for a path (TUF 1.0 §5.6.7): the targets role's own, else that of the first role that it
// delegates the path to, in the order of their priority and in depth first; behind a terminating delegation nobody
// else.
#pragma once

#include <functional>

#include "trust/tuf/targets.h"

namespace holdfast::trust::tuf {

inline constexpr std::string_view kTopTargets = "targets";

/// The targets of `role`, verified as what `delegator` delegates to; of the top-level role, whose delegator is empty,
/// too. They live until the search is over.
using LoadTargets = std::function<Result<const Targets*>(const std::string& role, const std::string& delegator)>;

/// Nothing where no role that may names the path. Visits kDelegationsVisitedMax roles at most, each once.
Result<std::optional<Target>> find_target(std::string_view path, const LoadTargets& load);

}  // namespace holdfast::trust::tuf
