#include "service/moving/arrive.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/table_codec.h"
#include "service/audit/audit.h"
#include "service/backup/tables.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/catalog_export.h"
#include "trust/x509/profile.h"

namespace holdfast::service::moving {
namespace {

using ports::CatalogRow;
using ports::CatalogState;
using ports::ImportRow;
using ports::KeyPurpose;
using ports::KeyRow;
using ports::Table;

Result<trust::Verified<trust::tuf::CatalogExport>> verified(const std::vector<Blob>& roots, Bytes statement) {
  if (roots.empty()) return fail(Next::Rejected, kInputMalformed, "expected the owner's roots, saw none");
  const auto root = TRY(trust::tuf::verify_root_chain(roots, trust::tuf::root_digest(roots.front())));
  return trust::tuf::verify_catalog_export(statement, root);
}

/// An import that was cut off goes on; another one of the same catalog does not begin.
Result<std::optional<ImportRow>> begun(ports::Transaction& tx, const std::string& catalog, Bytes statement) {
  auto row = TRY(Table<ImportRow>(tx).find(catalog));
  if (row && equal(row->statement, statement)) return row;
  if (row || TRY(Table<CatalogRow>(tx).find(catalog))) {
    return fail(Next::Conflict, kAlreadyThere, cat("there is a catalog '", catalog, "' here already"));
  }
  return std::optional<ImportRow>();
}

/// An issuing CA whose key is elsewhere is a former one here. Of audit keys the public half is kept.
Result<void> take_key(ports::Transaction& tx, const KeyRow& key, WallTime now) {
  if (key.purpose == KeyPurpose::Audit) return Table<KeyRow>(tx).insert(key);
  ports::FormerAuthorityRow former;
  former.catalog = key.catalog;
  former.purpose = key.purpose;
  former.number = key.number;
  former.public_key = key.public_key;
  former.certificate = key.certificate;
  former.created_at = key.created_at;
  former.ended_at = now;
  return Table<ports::FormerAuthorityRow>(tx).insert(former);
}

Result<void> take_row(ports::Transaction& tx, const ports::Schema& schema, const ports::Record& row, WallTime now) {
  if (schema.table == KeyRow::schema().table) return take_key(tx, TRY(ports::from_record<KeyRow>(row)), now);
  if (schema.table != CatalogRow::schema().table) return tx.insert(schema, row);
  auto catalog = TRY(ports::from_record<CatalogRow>(row));
  catalog.state = CatalogState::Importing;
  return Table<CatalogRow>(tx).update(catalog);
}

/// The chain goes on behind its last record, under a key of this service.
Result<void> continue_chain(ports::Transaction& tx, Deps& deps, const std::string& catalog, const Caller& by,
                            WallTime now) {
  const ports::Scan newest{.prefix = ports::record_of(catalog), .limit = 1, .descending = true};
  const auto last = TRY(Table<ports::AuditRow>(tx).scan(newest));
  if (last.empty()) return fail(Next::Rejected, kPageWrong, "expected audit records in the archive, saw none");
  TRY(Table<ports::AuditHeadRow>(tx).insert({catalog, last.front().sequence, last.front().hash}));
  const ports::Scan keys{.prefix = ports::record_of(catalog, KeyPurpose::Audit), .limit = 1, .descending = true};
  const auto before = TRY(Table<KeyRow>(tx).scan(keys));
  const std::int64_t number = before.empty() ? 1 : before.front().number + 1;
  TRY(Table<KeyRow>(tx).insert(TRY(deps.keyring.make(catalog, KeyPurpose::Audit, number, now))));
  return audit::append(tx,
                       {catalog, actor_of(by), "catalog.imported", catalog,
                        json::Object{{"records", last.front().sequence}, {"audit_key", number}}},
                       now);
}

Result<void> finish(ports::Transaction& tx, Deps& deps, const std::string& name, const Caller& by, WallTime now) {
  TRY(continue_chain(tx, deps, name, by, now));
  CatalogRow catalog = TRY(catalog::find_catalog(tx, name));
  catalog.state = CatalogState::Preparing;
  TRY(Table<CatalogRow>(tx).update(catalog));
  return Table<ImportRow>(tx).erase(name);
}

}  // namespace

Result<ImportRow> begin_import(ports::Transaction& tx, const std::vector<Blob>& roots, Bytes statement,
                               const Caller& by, WallTime now) {
  const auto archive = TRY(input(verified(roots, statement)));
  if (archive->migration > backup::newest_migration()) {
    return fail(Next::Rejected, kArchiveTooNew,
                cat("expected an archive of a database up to migration ", backup::newest_migration(), ", saw ",
                    archive->migration, "; a newer Holdfast made it"));
  }
  if (!trust::x509::is_catalog_name(archive->catalog)) {
    return fail(Next::Rejected, kNameMalformed, cat("expected a catalog's name, saw ", printable(archive->catalog)));
  }
  if (auto row = TRY(begun(tx, archive->catalog, statement))) return *std::move(row);
  CatalogRow catalog;
  catalog.name = archive->catalog;
  catalog.state = CatalogState::Importing;
  catalog.created_at = now;
  TRY(Table<CatalogRow>(tx).insert(catalog));
  ImportRow row{archive->catalog, to_blob(statement), archive->pages, archive->last_page, actor_of(by), now};
  TRY(Table<ImportRow>(tx).insert(row));
  return row;
}

Result<std::int64_t> take_page(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::int64_t number,
                               Bytes body, const Caller& by, WallTime now) {
  auto row = TRY(Table<ImportRow>(tx).find(catalog));
  if (!row) {
    return fail(Next::NotFound, kImportUnknown, cat("the catalog '", printable(catalog), "' is not being imported"));
  }
  if (number != row->remaining_pages || trust::crypto::sha256(body) != row->expected) {
    return fail(Next::Rejected, kPageWrong,
                cat("expected page ", row->remaining_pages, " with SHA-256 ", to_hex(row->expected), ", saw page ",
                    number, " with ", to_hex(trust::crypto::sha256(body))));
  }
  const Page page = TRY(parse_page(body, catalog));
  if (page.number != number || (number == 1) != (page.previous == Digest256{})) {
    return fail(Next::Rejected, kPageWrong, cat("expected page ", number, " to say so, saw ", page.number));
  }
  for (const ports::Record& one : page.rows) TRY(take_row(tx, *page.schema, one, now));
  if (number == 1) {
    TRY(finish(tx, deps, row->catalog, by, now));
    return 0;
  }
  row->remaining_pages = number - 1;
  row->expected = page.previous;
  TRY(Table<ImportRow>(tx).update(*row));
  return row->remaining_pages;
}

}  // namespace holdfast::service::moving
