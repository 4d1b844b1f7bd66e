#include "service/appraise/deployed.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/policy.h"

namespace holdfast::service::appraise {
namespace {

using ports::DeploymentRow;
using ports::Table;

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Next::Corrupt, ports::kRowCorrupt, cat("expected ", what, ", saw something else"));
}

Result<Held> held_from(const json::Value& value) {
  const json::Array* pair = value.array();
  const bool is_pair = pair != nullptr && pair->size() == 2 && (*pair)[0].integer() && (*pair)[1].boolean();
  if (!is_pair) return corrupt("a deployment and whether it was confirmed");
  return Held{*(*pair)[0].integer(), *(*pair)[1].boolean()};
}

Result<std::vector<Digest256>> sets_of(const DeploymentRow& row) {
  std::vector<Digest256> out;
  if (!row.reference_sets) return out;
  const json::Value list = TRY(json::parse(as_bytes(*row.reference_sets)));
  if (list.array() == nullptr) return corrupt("the reference values of a deployment as a list");
  for (const json::Value& one : *list.array()) {
    if (one.text() == nullptr) return corrupt("the id of reference values");
    out.push_back(TRY(array_from_hex<32>(*one.text())));
  }
  return out;
}

/// Unless they are there already; the names of their components.
Result<std::set<std::string>> add_sets(ports::Transaction& tx, Deps& deps, const DeploymentRow& row, Deployed& out) {
  std::set<std::string> components;
  for (const Digest256& id : TRY(sets_of(row))) {
    const auto set_row = TRY(Table<ports::ReferenceSetRow>(tx).find(row.catalog, id));
    if (!set_row) continue;
    auto set = TRY(deps.documents.reference_set(*set_row));
    components.insert(set->component);
    const auto is_same = [&](const Documents::Set& other) { return *other == *set; };
    if (std::ranges::none_of(out.sets, is_same)) out.sets.push_back(std::move(set));
  }
  return components;
}

}  // namespace

Result<std::vector<Held>> held_of(const ports::DirectionRow& row) {
  std::vector<Held> out;
  if (!row.held) return out;
  const json::Value list = TRY(json::parse(as_bytes(*row.held)));
  if (list.array() == nullptr) return corrupt("the deployments that a device holds as a list");
  for (const json::Value& one : *list.array()) out.push_back(TRY(held_from(one)));
  return out;
}

bool holds_first(const ports::DirectionRow& row, std::int64_t deployment) {
  return row.held && row.held->starts_with(cat("[[", deployment, ",true]"));
}

std::string text_of(const std::vector<Held>& held) {
  json::Array out;
  for (const Held& one : held) out.emplace_back(json::Array{one.deployment, one.is_confirmed});
  return json::dump(out);
}

std::optional<std::string> text_of(const std::vector<Digest256>& sets) {
  if (sets.empty()) return std::nullopt;
  json::Array out;
  for (const Digest256& id : sets) out.emplace_back(to_hex(id));
  return json::dump(out);
}

void tell(std::vector<Held>& held, std::int64_t deployment) {
  std::erase_if(held, [&](const Held& one) { return one.deployment == deployment; });
  held.insert(held.begin(), {deployment, false});
  while (held.size() > kHeldMax) {
    const auto oldest = std::find_if(held.rbegin(), held.rend(), [](const Held& old) { return !old.is_confirmed; });
    held.erase(oldest == held.rend() ? held.end() - 1 : std::next(oldest).base());
  }
}

void confirm(std::vector<Held>& held, std::int64_t deployment) {
  tell(held, deployment);
  held.front().is_confirmed = true;
  const auto before = std::find_if(held.begin() + 1, held.end(), [](const Held& one) { return one.is_confirmed; });
  held = before == held.end() ? std::vector{held.front()} : std::vector{held.front(), *before};
}

Result<Deployed> deployed_to(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device) {
  Deployed out;
  const auto direction = TRY(Table<ports::DirectionRow>(tx).find(catalog, device));
  if (!direction) return out;
  auto held = TRY(held_of(*direction));
  // An older program that shares the database tells devices of deployments and does not keep this list.
  const bool is_listed = std::ranges::find(held, direction->deployment, &Held::deployment) != held.end();
  if (direction->deployment != 0 && !is_listed) tell(held, direction->deployment);
  std::map<std::string, std::size_t> named;  // by how many of them
  for (const Held& one : held) {
    const auto row = TRY(Table<DeploymentRow>(tx).find(catalog, one.deployment));
    if (!row) continue;
    for (const std::string& component : TRY(add_sets(tx, deps, *row, out))) ++named[component];
  }
  const bool has_any = std::ranges::any_of(held, &Held::is_confirmed);
  for (const auto& [component, times] : named) {
    if (!has_any || times < held.size()) out.optional.push_back(component);
  }
  return out;
}

Result<Documents::Names> withdrawn_versions(ports::Transaction& tx, Deps& deps, std::string_view catalog) {
  const auto row = TRY(Table<ports::RepositoryRow>(tx).find(catalog));
  if (!row || !row->withdrawn) return Documents::Names();
  return deps.documents.names(*row->withdrawn);
}

}  // namespace holdfast::service::appraise
