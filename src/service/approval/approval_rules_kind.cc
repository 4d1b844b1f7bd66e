#include "base/json/fields.h"
#include "base/text.h"
#include "service/approval/kinds.h"
#include "service/catalog/catalogs.h"

namespace holdfast::service::approval {
namespace {

using trust::appraisal::ApprovalRules;

Result<ApprovalRules> read(const std::string& content) {
  const json::Value value = TRY(json::parse(as_bytes(content)));
  auto fields = TRY(json::Fields::of(value, "approval rules"));
  ApprovalRules out;
  out.two_approvers = TRY(fields.boolean("two_approvers"));
  out.signed_policy = TRY(fields.boolean("signed_policy"));
  TRY(fields.done());
  return out;
}

}  // namespace

Change approval_rules_change(const ApprovalRules& rules) {
  const json::Value content =
      json::Object{{"two_approvers", rules.two_approvers}, {"signed_policy", rules.signed_policy}};
  const auto word = [](bool on) { return on ? "on" : "off"; };
  return {ChangeKind::ApprovalRules,
          cat("two-approvers ", word(rules.two_approvers), ", signed-policy ", word(rules.signed_policy)),
          json::dump(content)};
}

Result<Words> approval_rules_let_in(const Order& order) {
  const auto row = TRY(catalog::find_catalog(order.tx, order.catalog));
  return words_of(trust::appraisal::loosened(catalog::rules_of(row), TRY(read(order.content))));
}

Result<void> apply_approval_rules(const Order& order, const Author& author) {
  return catalog::set_rules(order.tx, order.catalog, TRY(read(order.content)), author.approved_by, order.now);
}

}  // namespace holdfast::service::approval
