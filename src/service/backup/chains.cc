#include "service/backup/chains.h"

#include "base/text.h"
#include "ports/store/rows/audit.h"
#include "ports/store/table_codec.h"

namespace holdfast::service::backup {

using ports::AuditHeadRow;
using ports::AuditRow;
using trust::audit::Head;

Result<void> Chains::look_at(const ports::Schema& schema, const ports::Record& record) {
  if (schema.table == AuditHeadRow::schema().table) {
    const auto row = TRY(ports::from_record<AuditHeadRow>(record));
    heads_[row.catalog] = {row.catalog, row.sequence, row.hash};
  }
  if (schema.table != AuditRow::schema().table) return {};
  const auto row = TRY(ports::from_record<AuditRow>(record));
  Head& at = followed_[row.catalog];
  const Digest256 hash = trust::audit::hash_of(
      at.hash, {row.catalog, row.sequence, row.at, row.actor, row.action, row.subject, row.detail});
  if (row.sequence != at.sequence + 1 || row.hash != hash) {
    return fail(Next::Corrupt, trust::audit::kRecordChanged,
                cat("expected record ", at.sequence + 1, " of the audit of '", printable(row.catalog),
                    "' to follow the one before, saw one that does not"));
  }
  at = {row.catalog, row.sequence, hash};
  return {};
}

Result<void> Chains::require_heads() const {
  if (followed_ == heads_) return {};
  return fail(Next::Corrupt, trust::audit::kChainTruncated,
              "expected every audit chain to end at its head, saw another end");
}

}  // namespace holdfast::service::backup
