// The audit log: one hash chain per catalog, and one under the empty name for the service itself.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct AuditRow {
  std::string catalog;
  std::int64_t sequence = 0;  ///< from 1, without gaps
  WallTime at;
  std::string actor;   ///< operator:<name>, device:<id>, service
  std::string action;  ///< a word from a closed set
  std::string subject;
  std::string detail;  ///< JSON object
  Digest256 hash{};    ///< over the hash before and all of the above

  static const Schema& schema();
  auto fields() { return std::tie(catalog, sequence, at, actor, action, subject, detail, hash); }
  auto fields() const { return std::tie(catalog, sequence, at, actor, action, subject, detail, hash); }
};

struct AuditHeadRow {
  std::string catalog;
  std::int64_t sequence = 0;
  Digest256 hash{};

  static const Schema& schema();
  auto fields() { return std::tie(catalog, sequence, hash); }
  auto fields() const { return std::tie(catalog, sequence, hash); }
};

/// A head that a device saw and that is not in the chain: what was entered, so that saying it again enters nothing.
struct ForkReportRow {
  std::string catalog;
  std::string device;
  std::int64_t sequence = 0;
  Digest256 hash{};
  WallTime at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, device, sequence, hash, at); }
  auto fields() const { return std::tie(catalog, device, sequence, hash, at); }
};

extern template class Table<AuditRow>;
extern template class Table<AuditHeadRow>;
extern template class Table<ForkReportRow>;

}  // namespace holdfast::ports
