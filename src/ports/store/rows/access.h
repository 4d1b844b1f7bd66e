// Who may use the management interface: operators with tokens, and the one-time link that makes the first of them; and
// the service's own settings.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct OperatorRow {
  std::string name;
  Digest256 token_sha256{};
  std::string catalog;  ///< empty: every catalog
  std::string scope;    ///< read, operate, own
  std::string created_by;
  WallTime created_at;
  std::optional<WallTime> expires_at;
  std::optional<WallTime> revoked_at;

  static const Schema& schema();
  auto fields() { return std::tie(name, token_sha256, catalog, scope, created_by, created_at, expires_at, revoked_at); }
  auto fields() const {
    return std::tie(name, token_sha256, catalog, scope, created_by, created_at, expires_at, revoked_at);
  }
};

/// A choice of the first start that later starts must keep, such as the address of the revocation lists.
struct SettingRow {
  std::string name;
  std::string value;

  static const Schema& schema();
  auto fields() { return std::tie(name, value); }
  auto fields() const { return std::tie(name, value); }
};

inline constexpr std::string_view kOperatorsByToken = "operators_by_token";  ///< token_sha256; unique

struct OwnerLinkRow {
  Digest256 secret_sha256{};
  WallTime expires_at;
  std::optional<WallTime> used_at;

  static const Schema& schema();
  auto fields() { return std::tie(secret_sha256, expires_at, used_at); }
  auto fields() const { return std::tie(secret_sha256, expires_at, used_at); }
};

extern template class Table<OperatorRow>;
extern template class Table<SettingRow>;
extern template class Table<OwnerLinkRow>;

}  // namespace holdfast::ports
