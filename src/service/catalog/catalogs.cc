#include "service/catalog/catalogs.h"

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"
#include "service/identity/authorities.h"
#include "trust/x509/profile.h"

namespace holdfast::service::catalog {
namespace {

using ports::CatalogRow;
using ports::KeyPurpose;
using ports::Table;

Result<void> require_name(std::string_view what, std::string_view name, bool fits) {
  if (fits) return {};
  return fail(
      Next::Rejected, kNameMalformed,
      cat("expected a ", what, "'s name of 3 to 48 of a-z, 0-9 and inner hyphens, saw '", printable(name, 80), "'"));
}

/// The same answer for every kind of row that is there already.
Result<void> inserted(Result<void> result, std::string_view what, std::string_view name) {
  if (!result && result.error().reason == ports::kRowExists) {
    return fail(Next::Conflict, kAlreadyThere, cat("there is a ", what, " '", name, "' already"));
  }
  return result;
}

}  // namespace

Result<CatalogRow> find_catalog(ports::Transaction& tx, std::string_view name) {
  auto row = TRY(Table<CatalogRow>(tx).find(name));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("there is no catalog '", printable(name, 60), "'"));
  return *std::move(row);
}

Result<Prepared> prepare_authorities(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Caller& by,
                                     WallTime now) {
  auto client = TRY(identity::prepare_authority(tx, deps, catalog, KeyPurpose::ClientCa, by, now));
  auto update = TRY(identity::prepare_authority(tx, deps, catalog, KeyPurpose::UpdateCa, by, now));
  return Prepared{std::move(client), std::move(update)};
}

Result<Prepared> create_catalog(ports::Transaction& tx, Deps& deps, const NewCatalog& order, const Caller& by,
                                WallTime now) {
  TRY(require_name("catalog", order.name, trust::x509::is_catalog_name(order.name)));
  const bool spiffe = order.name_form == ports::NameForm::Spiffe;
  if (spiffe == order.trust_domain.empty()) {
    return fail(Next::Rejected, kInputMalformed, "expected a trust domain with the spiffe form, and none with urn");
  }
  CatalogRow row;
  row.name = order.name;
  row.name_form = order.name_form;
  row.trust_domain = order.trust_domain;
  row.two_approvers = order.two_approvers;
  row.signed_policy = order.signed_policy;
  row.created_at = now;
  TRY(inserted(Table<CatalogRow>(tx).insert(row), "catalog", order.name));
  TRY(Table<ports::KeyRow>(tx).insert(TRY(deps.keyring.make(order.name, KeyPurpose::Audit, 1, now))));
  TRY(audit::append(tx, {order.name, actor_of(by), "catalog.created", order.name, {}}, now));
  TRY(claim::add_root(tx, order.name, order.owner_root, by, now));
  return prepare_authorities(tx, deps, order.name, by, now);
}

Result<void> certify_authorities(ports::Transaction& tx, std::string_view catalog, const CertifiedAuthority& client,
                                 const CertifiedAuthority& update, const Caller& by, WallTime now) {
  CatalogRow row = TRY(find_catalog(tx, catalog));
  for (const auto& [purpose, authority] :
       {std::pair(KeyPurpose::ClientCa, &client), std::pair(KeyPurpose::UpdateCa, &update)}) {
    TRY(identity::certify_authority(tx, catalog, purpose, authority->certificate, authority->root,
                                    identity::kAnnouncedUsual, now));
  }
  row.state = ports::CatalogState::Ready;
  TRY(Table<CatalogRow>(tx).update(row));
  return audit::append(tx, {row.name, actor_of(by), "authorities.certified", row.name, {}}, now);
}

Result<ports::KeyRow> certify_next_authority(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose,
                                             const CertifiedAuthority& authority, Duration announced, const Caller& by,
                                             WallTime now) {
  const CatalogRow row = TRY(find_catalog(tx, catalog));
  if (row.state != ports::CatalogState::Ready) {
    return fail(Next::Conflict, identity::kAuthorityNotYet,
                cat("expected the first authorities of '", row.name, "' to be certified together, saw one"));
  }
  auto key =
      TRY(identity::certify_authority(tx, catalog, purpose, authority.certificate, authority.root, announced, now));
  TRY(audit::append(tx,
                    {row.name, actor_of(by), "authority.certified", row.name,
                     json::Object{{"authority", identity::name_of(purpose)},
                                  {"number", key.number},
                                  {"in_force_at", to_rfc3339(*key.in_force_at)}}},
                    now));
  return key;
}

trust::appraisal::ApprovalRules rules_of(const CatalogRow& catalog) {
  return {.two_approvers = catalog.two_approvers, .signed_policy = catalog.signed_policy.value_or(false)};
}

Result<void> set_rules(ports::Transaction& tx, std::string_view catalog, const trust::appraisal::ApprovalRules& rules,
                       const Caller& by, WallTime now) {
  CatalogRow row = TRY(find_catalog(tx, catalog));
  if (rules_of(row) == rules) return {};
  row.two_approvers = rules.two_approvers;
  row.signed_policy = rules.signed_policy;
  TRY(Table<CatalogRow>(tx).update(row));
  return audit::append(tx,
                       {row.name, actor_of(by), "approval-rules.set", row.name,
                        json::Object{{"two_approvers", rules.two_approvers}, {"signed_policy", rules.signed_policy}}},
                       now);
}

Result<void> create_product(ports::Transaction& tx, const ports::ProductRow& product, const Caller& by) {
  TRY(find_catalog(tx, product.catalog));
  TRY(require_name("product", product.name, trust::x509::is_catalog_name(product.name)));
  TRY(inserted(Table<ports::ProductRow>(tx).insert(product), "product", product.name));
  return audit::append(tx, {product.catalog, actor_of(by), "product.created", product.name, {}}, product.created_at);
}

Result<void> create_device_group(ports::Transaction& tx, const ports::DeviceGroupRow& group, const Caller& by) {
  if (!TRY(Table<ports::ProductRow>(tx).find(group.catalog, group.product))) {
    return fail(Next::NotFound, kNothingThere, cat("there is no product '", printable(group.product, 60), "'"));
  }
  TRY(require_name("device group", group.name, trust::x509::is_catalog_name(group.name)));
  TRY(inserted(Table<ports::DeviceGroupRow>(tx).insert(group), "device group", group.name));
  return audit::append(tx,
                       {group.catalog, actor_of(by), "device-group.created", cat(group.product, "/", group.name), {}},
                       group.created_at);
}

}  // namespace holdfast::service::catalog
