// What a catalog lets EST (RFC 7030) issue, and the named things without a vault that may ask for a certificate.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

/// None: nothing is issued.
struct EstRow {
  std::string catalog;
  bool reenroll = false;  ///< devices with a vault, within what their last appraisal has left
  bool things = false;
  std::int64_t thing_life_ms = 0;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, reenroll, things, thing_life_ms); }
  auto fields() const { return std::tie(catalog, reenroll, things, thing_life_ms); }
};

/// A thing's newest one-time secret.
struct ThingRow {
  std::string catalog;
  std::string thing;
  Digest256 secret_sha256{};
  std::string created_by;
  WallTime created_at;
  WallTime expires_at;
  std::optional<WallTime> used_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, thing, secret_sha256, created_by, created_at, expires_at, used_at); }
  auto fields() const { return std::tie(catalog, thing, secret_sha256, created_by, created_at, expires_at, used_at); }
};

extern template class Table<EstRow>;
extern template class Table<ThingRow>;

}  // namespace holdfast::ports
