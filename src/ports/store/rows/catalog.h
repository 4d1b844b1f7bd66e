// A catalog, what its owner signed for it, its products and device groups. All names match the catalog's alphabet
// (trust/x509/profile.h).
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

enum class CatalogState {
  Preparing = 0,  ///< its authorities wait for certificates
  Ready = 1,
  Left = 2,       ///< it lives at another service; nothing changes here any more
  Importing = 3,  ///< not whole yet
};
enum class NameForm { Urn = 0, Spiffe = 1 };  ///< of the URI in device certificates

struct CatalogRow {
  std::string name;
  CatalogState state = CatalogState::Preparing;
  NameForm name_form = NameForm::Urn;
  std::string trust_domain;    ///< for Spiffe
  bool two_approvers = false;  ///< what loosens needs a second operator
  WallTime created_at;
  std::optional<bool> signed_policy;  ///< what loosens needs the release key's signature; since migration 4

  static const Schema& schema();
  /// As migration 1 made it.
  static const Schema& first_schema();
  auto fields() { return std::tie(name, state, name_form, trust_domain, two_approvers, created_at, signed_policy); }
  auto fields() const {
    return std::tie(name, state, name_form, trust_domain, two_approvers, created_at, signed_policy);
  }
};

enum class OwnerDocument { Root = 0, TrustPolicy = 1 };

/// A document that the owner's root signed, as published.
struct OwnerDocumentRow {
  std::string catalog;
  OwnerDocument kind = OwnerDocument::Root;
  std::int64_t version = 0;
  Blob bytes;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, kind, version, bytes); }
  auto fields() const { return std::tie(catalog, kind, version, bytes); }
};

struct ProductRow {
  std::string catalog;
  std::string name;
  std::string description;
  WallTime created_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, name, description, created_at); }
  auto fields() const { return std::tie(catalog, name, description, created_at); }
};

struct DeviceGroupRow {
  std::string catalog;
  std::string product;
  std::string name;
  std::string policy;  ///< the attestation policy's name
  std::string description;
  WallTime created_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, product, name, policy, description, created_at); }
  auto fields() const { return std::tie(catalog, product, name, policy, description, created_at); }
};

extern template class Table<CatalogRow>;
extern template class Table<OwnerDocumentRow>;
extern template class Table<ProductRow>;
extern template class Table<DeviceGroupRow>;

}  // namespace holdfast::ports
