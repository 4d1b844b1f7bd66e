#include "service/audit/audit.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/audit/chain.h"

namespace holdfast::service::audit {

using ports::AuditHeadRow;
using ports::AuditRow;
using ports::Table;

namespace {

std::string detail_of(const Entry& entry, const std::string& trace) {
  json::Value out = entry.detail.is_null() ? json::Value(json::Object{}) : entry.detail;
  if (!trace.empty()) out.set("trace", trace);
  return json::dump(out);
}

}  // namespace

Result<AuditHeadRow> head(ports::Transaction& tx, std::string_view catalog) {
  auto found = TRY(Table<AuditHeadRow>(tx).find(catalog));
  if (found) return *std::move(found);
  AuditHeadRow empty;
  empty.catalog = catalog;
  return empty;
}

Result<void> append(ports::Transaction& tx, const Entry& entry, WallTime now) {
  AuditHeadRow last = TRY(head(tx, entry.catalog));
  AuditRow row;
  row.catalog = entry.catalog;
  row.sequence = last.sequence + 1;
  row.at = now;
  row.actor = entry.actor;
  row.action = entry.action;
  row.subject = entry.subject;
  row.detail = detail_of(entry, tx.trace());
  row.hash = trust::audit::hash_of(last.hash,
                                   {row.catalog, row.sequence, row.at, row.actor, row.action, row.subject, row.detail});
  TRY(Table<AuditRow>(tx).insert(row));
  const bool first = last.sequence == 0;
  last.sequence = row.sequence;
  last.hash = row.hash;
  Table<AuditHeadRow> heads(tx);
  return first ? heads.insert(last) : heads.update(last);
}

Result<bool> contains(ports::Transaction& tx, const AuditHeadRow& seen) {
  if (seen.sequence == 0) return seen.hash == Digest256{};
  const auto row = TRY(Table<AuditRow>(tx).find(seen.catalog, seen.sequence));
  return row && row->hash == seen.hash;
}

Result<trust::audit::SignedHead> signed_head(ports::Transaction& tx, Deps& deps, std::string_view catalog) {
  const AuditHeadRow newest = TRY(head(tx, catalog));
  trust::audit::Head said{newest.catalog, newest.sequence, newest.hash};
  const ports::Scan newest_key{
      .prefix = ports::record_of(catalog, ports::KeyPurpose::Audit), .limit = 1, .descending = true};
  const auto keys = TRY(Table<ports::KeyRow>(tx).scan(newest_key));
  if (keys.empty())
    return fail(Next::NotFound, kNothingThere, cat("the catalog '", printable(catalog), "' has no audit key"));
  const ports::KeyRow& key = keys.front();
  const auto signer = TRY(deps.keyring.open(key));
  const std::string statement = trust::audit::head_statement(said);
  Blob signature = TRY(signer->sign(trust::crypto::HashAlgorithm::Sha256, as_bytes(statement)));
  return trust::audit::SignedHead{std::move(said), std::move(signature), key.public_key};
}

json::Value to_json(const AuditRow& row) {
  return json::Object{{"catalog", row.catalog},   {"sequence", row.sequence}, {"at_ms", row.at.ms},
                      {"at", to_rfc3339(row.at)}, {"actor", row.actor},       {"action", row.action},
                      {"subject", row.subject},   {"detail", row.detail},     {"hash", to_hex(row.hash)}};
}

}  // namespace holdfast::service::audit
