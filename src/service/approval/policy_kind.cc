#include "base/json/fields.h"
#include "base/text.h"
#include "service/appraise/policies.h"
#include "service/approval/kinds.h"

namespace holdfast::service::approval {
namespace {

constexpr std::size_t kNameBytesMax = 48;

struct NamedPolicy {
  std::string name;
  trust::appraisal::Policy policy;
};

Result<NamedPolicy> read(const std::string& content) {
  const json::Value value = TRY(json::parse(as_bytes(content)));
  auto fields = TRY(json::Fields::of(value, "policy change"));
  NamedPolicy out;
  out.name = TRY(fields.text("name", kNameBytesMax));
  out.policy = TRY(trust::appraisal::policy_from(*TRY(fields.value("policy"))));
  TRY(fields.done());
  return out;
}

}  // namespace

Result<Change> policy_change(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                             const json::Value& document) {
  const auto policy = TRY(appraise::next_policy(tx, catalog, name, document));
  const json::Value content = json::Object{{"name", name}, {"policy", trust::appraisal::to_json(policy)}};
  return Change{ChangeKind::Policy, cat(name, " ", policy.version), json::dump(content)};
}

Result<Words> policy_lets_in(const Order& order) {
  const NamedPolicy next = TRY(read(order.content));
  return words_of(TRY(appraise::loosened_by(order.tx, order.deps, order.catalog, next.name, next.policy)));
}

Result<void> apply_policy(const Order& order, const Author& author) {
  const NamedPolicy next = TRY(read(order.content));
  TRY(appraise::set_policy(order.tx, order.deps, order.catalog, next.name, next.policy, author.proposed_by,
                           author.approved_by, order.now));
  return {};
}

}  // namespace holdfast::service::approval
