// The audit log: append-only, one hash chain per catalog. An entry is written in the transaction of what it records, so
// that neither exists without the other. A signed head pins everything before it; whoever keeps one can tell a chain
// that was cut, changed, reordered or rebuilt from its start.
#pragma once

#include "ports/store/rows/audit.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/audit/chain.h"

namespace holdfast::service::audit {

struct Entry {
  std::string catalog;  ///< empty: about the service itself
  std::string actor;    ///< actor_of(caller)
  std::string action;   ///< `device.enrolled`, `policy.set`, …
  std::string subject;  ///< what it was done to
  json::Value detail;   ///< an object, or null
};

/// Appends to the chain of the entry's catalog; the detail names the transaction's trace.
Result<void> append(ports::Transaction& tx, const Entry& entry, WallTime now);

/// The newest head; sequence 0 where the chain is empty.
Result<ports::AuditHeadRow> head(ports::Transaction& tx, std::string_view catalog);

/// Whether the chain passes through this head. false: it was cut or rebuilt since the head was seen.
Result<bool> contains(ports::Transaction& tx, const ports::AuditHeadRow& seen);

/// The head with a signature by the catalog's audit key.
Result<trust::audit::SignedHead> signed_head(ports::Transaction& tx, Deps& deps, std::string_view catalog);

/// Rows as an auditor gets them.
json::Value to_json(const ports::AuditRow& row);

}  // namespace holdfast::service::audit
