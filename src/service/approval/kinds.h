// One row for each kind of change: how its content is compared with what is in force, and how it is put in force.
#pragma once

#include "service/approval/change.h"

namespace holdfast::service::approval {

/// A change's content and where it would take effect.
struct Order {
  ports::Transaction& tx;
  Deps& deps;
  std::string_view catalog;
  const std::string& content;
  WallTime now;
};

struct Author {
  std::string_view proposed_by;
  const Caller& approved_by;
};

struct Kind {
  ChangeKind kind;
  Scope scope;
  std::string_view name;
  Result<Words> (*lets_in)(const Order& order);
  Result<void> (*apply)(const Order& order, const Author& author);
};

Words words_of(const std::vector<trust::appraisal::Loosening>& loosenings);

Result<Words> policy_lets_in(const Order& order);
Result<void> apply_policy(const Order& order, const Author& author);
Result<Words> reference_values_let_in(const Order& order);
Result<void> apply_reference_values(const Order& order, const Author& author);
Result<Words> baseline_lets_in(const Order& order);
Result<void> apply_baseline(const Order& order, const Author& author);
Result<Words> factory_list_lets_in(const Order& order);
Result<void> apply_factory_list(const Order& order, const Author& author);
Result<Words> approval_rules_let_in(const Order& order);
Result<void> apply_approval_rules(const Order& order, const Author& author);
Result<Words> est_lets_in(const Order& order);
Result<void> apply_est(const Order& order, const Author& author);

}  // namespace holdfast::service::approval
