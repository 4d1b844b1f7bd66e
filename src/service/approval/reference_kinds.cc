#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "service/appraise/references.h"
#include "service/approval/kinds.h"

namespace holdfast::service::approval {
namespace {

constexpr std::size_t kNameBytesMax = 64;

struct Allowance {
  Digest256 id{};
  std::string product;
  std::string device_group;
};

Result<Allowance> read_allowance(const std::string& content) {
  const json::Value value = TRY(json::parse(as_bytes(content)));
  auto fields = TRY(json::Fields::of(value, "reference values change"));
  Allowance out;
  out.id = TRY(fields.digest256("id"));
  out.product = TRY(fields.text("product", kNameBytesMax));
  out.device_group = TRY(fields.text("device_group", kNameBytesMax));
  TRY(fields.done());
  return out;
}

struct Golden {
  std::string device;
  Digest256 id{};  ///< of the baseline's reference set
};

Result<Golden> read_golden(const std::string& content) {
  const json::Value value = TRY(json::parse(as_bytes(content)));
  auto fields = TRY(json::Fields::of(value, "baseline change"));
  Golden out;
  out.device = TRY(fields.text("device", kNameBytesMax));
  out.id = TRY(fields.digest256("id"));
  TRY(fields.done());
  return out;
}

/// The baseline that the device's evidence makes now, if it is still the one that the change is about.
Result<appraise::BaselineProposal> same_baseline(const Order& order, const Golden& golden) {
  auto proposal = TRY(appraise::propose_baseline(order.tx, order.deps, order.catalog, golden.device));
  if (appraise::reference_set_id(proposal.set) == golden.id) return proposal;
  return fail(Next::Conflict, kBaselineMoved,
              cat("expected the evidence of ", printable(golden.device, 40), " to make the baseline ",
                  to_hex(golden.id), ", saw that it makes another now"));
}

}  // namespace

Change reference_values_change(const Digest256& id, std::string_view product, std::string_view device_group) {
  const json::Value content = json::Object{{"id", to_hex(id)}, {"product", product}, {"device_group", device_group}};
  const std::string target = device_group.empty() ? std::string(product) : cat(product, "/", device_group);
  return {ChangeKind::ReferenceValues, printable(target, 160), json::dump(content)};
}

Result<Words> reference_values_let_in(const Order& order) {
  const Allowance allowance = TRY(read_allowance(order.content));
  const auto row = TRY(appraise::find_reference_set(order.tx, order.catalog, allowance.id));
  const auto set = TRY(order.deps.documents.reference_set(row));
  return words_of(
      TRY(appraise::loosened_by(order.tx, order.deps, order.catalog, *set, allowance.product, allowance.device_group)));
}

Result<void> apply_reference_values(const Order& order, const Author& author) {
  const Allowance allowance = TRY(read_allowance(order.content));
  return appraise::allow_reference_set(order.tx, order.catalog, allowance.id, allowance.product, allowance.device_group,
                                       author.approved_by, order.now);
}

Result<Change> baseline_change(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device) {
  const auto proposal = TRY(appraise::propose_baseline(tx, deps, catalog, device));
  const json::Value content =
      json::Object{{"device", device}, {"id", to_hex(appraise::reference_set_id(proposal.set))}};
  return Change{ChangeKind::Baseline, cat(proposal.product, " from ", device), json::dump(content)};
}

Result<Words> baseline_lets_in(const Order& order) {
  const auto proposal = TRY(same_baseline(order, TRY(read_golden(order.content))));
  Words out =
      words_of(TRY(appraise::loosened_by(order.tx, order.deps, order.catalog, proposal.set, proposal.product, "")));
  for (const std::string& event : proposal.unknown_events) out.push_back(cat("a boot may have ", event));
  return out;
}

Result<void> apply_baseline(const Order& order, const Author& author) {
  const Golden golden = TRY(read_golden(order.content));
  TRY(same_baseline(order, golden));
  TRY(appraise::accept_baseline(order.tx, order.deps, order.catalog, golden.device, author.approved_by, order.now));
  return {};
}

}  // namespace holdfast::service::approval
