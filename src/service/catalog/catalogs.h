// Catalogs, products and device groups: the nouns that everything else hangs from. A catalog begins with its owner's
// root, and lets devices in once its authorities are certified by roots that stay with the owner.
#pragma once

#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/appraisal/loosening.h"

namespace holdfast::service::catalog {

struct NewCatalog {
  std::string name;
  ports::NameForm name_form = ports::NameForm::Urn;
  std::string trust_domain;  ///< for Spiffe
  bool two_approvers = false;
  bool signed_policy = false;
  Blob owner_root;  ///< root 1, as published
};

/// The issuing CAs that wait for the owner's roots to certify them.
struct Prepared {
  ports::KeyRow client;
  ports::KeyRow update;
};

/// Creates the catalog, in state Preparing, with its audit key.
Result<Prepared> create_catalog(ports::Transaction& tx, Deps& deps, const NewCatalog& order, const Caller& by,
                                WallTime now);

struct CertifiedAuthority {
  Blob certificate;
  Blob root;
};
/// Certifies both; the catalog becomes Ready. Later ones are announced first, as is usual.
Result<void> certify_authorities(ports::Transaction& tx, std::string_view catalog, const CertifiedAuthority& client,
                                 const CertifiedAuthority& update, const Caller& by, WallTime now);
/// Keys for the first pair; later for the next one, to overlap with the one in force.
Result<Prepared> prepare_authorities(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Caller& by,
                                     WallTime now);

/// Certifies one of a catalog that is Ready.
Result<ports::KeyRow> certify_next_authority(ports::Transaction& tx, std::string_view catalog,
                                             ports::KeyPurpose purpose, const CertifiedAuthority& authority,
                                             Duration announced, const Caller& by, WallTime now);

Result<ports::CatalogRow> find_catalog(ports::Transaction& tx, std::string_view name);

/// What the catalog asks for before anything that it trusts is loosened.
trust::appraisal::ApprovalRules rules_of(const ports::CatalogRow& catalog);
/// Whether they may be set is decided in service/approval.
Result<void> set_rules(ports::Transaction& tx, std::string_view catalog, const trust::appraisal::ApprovalRules& rules,
                       const Caller& by, WallTime now);

Result<void> create_product(ports::Transaction& tx, const ports::ProductRow& product, const Caller& by);
Result<void> create_device_group(ports::Transaction& tx, const ports::DeviceGroupRow& group, const Caller& by);

}  // namespace holdfast::service::catalog
