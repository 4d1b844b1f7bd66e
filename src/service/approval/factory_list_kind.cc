#include "base/text.h"
#include "service/approval/kinds.h"
#include "service/claim/tickets.h"

namespace holdfast::service::approval {

using ports::ExpectedKeyRow;

Change factory_list_change(std::string_view csv) { return {ChangeKind::FactoryList, "factory list", std::string(csv)}; }

/// A key that is listed for another group is let into that group.
Result<Words> factory_list_lets_in(const Order& order) {
  ports::Table<ExpectedKeyRow> listed(order.tx);
  Words out;
  for (const ExpectedKeyRow& row : TRY(claim::read_factory_list(order.tx, order.catalog, order.content, order.now))) {
    std::vector<Digest256> from;
    const auto known = TRY(listed.find(row.catalog, row.ek_sha256));
    if (known && known->product == row.product && known->device_group == row.device_group) {
      from.push_back(row.ek_sha256);
    }
    const std::string what = cat("endorsement key for ", row.product, "/", row.device_group);
    for (std::string& words : words_of(trust::appraisal::loosened(what, from, std::vector{row.ek_sha256}))) {
      out.push_back(std::move(words));
    }
  }
  return out;
}

Result<void> apply_factory_list(const Order& order, const Author& author) {
  TRY(claim::add_expected_keys(order.tx, order.catalog, order.content, author.approved_by, order.now));
  return {};
}

}  // namespace holdfast::service::approval
