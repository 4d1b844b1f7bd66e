#include "service/backup/restore.h"

#include <optional>
#include <set>

#include "base/text.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/est.h"
#include "ports/store/rows/kept_answer.h"
#include "service/audit/audit.h"
#include "service/backup/tables.h"
#include "service/identity/certificates.h"
#include "service/numbers.h"

namespace holdfast::service::backup {
namespace {

using ports::Table;
using ports::Transaction;

constexpr std::size_t kRowsAtOnce = 500;
constexpr std::size_t kBytesAtOnce = 4 * 1024 * 1024;
constexpr std::string_view kReason = "the service was restored from a backup";

Result<void> require_empty(Transaction& tx) {
  for (const ports::Schema* schema : tables()) {
    if (TRY(tx.scan(*schema, {.limit = 1})).empty()) continue;
    return fail(Next::Conflict, kDatabaseNotEmpty,
                cat("expected an empty database to restore into, saw rows in ", schema->table));
  }
  return {};
}

Result<void> begin(ports::Store& store, const Header& header) {
  return store.write([&](Transaction& tx) -> Result<void> {
    TRY(require_empty(tx));
    return Table<ports::SettingRow>(tx).insert({std::string(kRestoreUnderWay), header.id});
  });
}

std::size_t bytes_of(const ports::Record& row) {
  std::size_t out = 0;
  for (const ports::Field& field : row) {
    if (const auto* text = std::get_if<std::string>(&field)) out += text->size();
    if (const auto* blob = std::get_if<Blob>(&field)) out += blob->size();
  }
  return out;
}

/// Rows of one table, written some hundred at once.
class Batch {
 public:
  explicit Batch(ports::Store& store) : store_(store) {}

  Result<void> add(const ports::Schema& schema, ports::Record row) {
    if (schema_ != &schema || rows_.size() == kRowsAtOnce || bytes_ > kBytesAtOnce) TRY(write());
    schema_ = &schema;
    bytes_ += bytes_of(row);
    rows_.push_back(std::move(row));
    return {};
  }

  Result<void> write() {
    TRY(store_.write([&](Transaction& tx) -> Result<void> {
      for (const ports::Record& row : rows_) TRY(tx.insert(*schema_, row));
      return {};
    }));
    rows_.clear();
    bytes_ = 0;
    return {};
  }

 private:
  ports::Store& store_;
  const ports::Schema* schema_ = nullptr;
  std::vector<ports::Record> rows_;
  std::size_t bytes_ = 0;
};

Result<void> copy_rows(ports::Store& store, Reader& reader, Summary& summary) {
  Batch batch(store);
  TRY(read_rows(reader, summary,
                [&](const ports::Schema& schema, ports::Record row) { return batch.add(schema, std::move(row)); }));
  return batch.write();
}

/// Takes the rows of a table page by page, each page in a transaction of its own that may change or erase them.
template <class Row, class Act>
Result<std::uint64_t> for_each(ports::Store& store, Act act) {
  std::uint64_t acted = 0;
  std::optional<ports::Record> after;
  while (true) {
    std::uint64_t acted_here = 0;
    std::optional<ports::Record> last;
    TRY(store.write([&](Transaction& tx) -> Result<void> {
      acted_here = 0;
      last.reset();
      const auto page = TRY(Table<Row>(tx).scan({.after = after, .limit = kRowsAtOnce}));
      for (const Row& row : page) acted_here += TRY(act(tx, row)) ? 1 : 0;
      if (page.size() == kRowsAtOnce) last = Table<Row>::cursor("", page.back());
      return {};
    }));
    acted += acted_here;
    if (!last) return acted;
    after = last;
  }
}

template <class Row, class... Key>
Result<void> erase_all(ports::Store& store, Key Row::*... key) {
  TRY(for_each<Row>(store, [&](Transaction& tx, const Row& row) -> Result<bool> {
    TRY(Table<Row>(tx).erase(row.*key...));
    return true;
  }));
  return {};
}

Result<std::uint64_t> end_tickets(ports::Store& store, WallTime now) {
  return for_each<ports::ClaimTicketRow>(store, [&](Transaction& tx, ports::ClaimTicketRow row) -> Result<bool> {
    if (row.consumed_at || row.expires_at <= now) return false;
    row.expires_at = now;
    TRY(Table<ports::ClaimTicketRow>(tx).update(row));
    return true;
  });
}

/// One that things without a vault enrol with may have been used since.
Result<void> end_secrets(ports::Store& store, WallTime now) {
  TRY(for_each<ports::ThingRow>(store, [&](Transaction& tx, ports::ThingRow row) -> Result<bool> {
    if (row.used_at || row.expires_at <= now) return false;
    row.expires_at = now;
    TRY(Table<ports::ThingRow>(tx).update(row));
    return true;
  }));
  return {};
}

/// The devices that were given a certificate which has not ended by itself.
Result<std::set<std::pair<std::string, std::string>>> certified_devices(ports::Store& store, WallTime now) {
  std::set<std::pair<std::string, std::string>> out;
  TRY(for_each<ports::CertificateRow>(store, [&](Transaction&, const ports::CertificateRow& row) -> Result<bool> {
    if (row.state == ports::CertificateState::Valid && row.not_after > now) out.insert({row.catalog, row.device});
    return true;
  }));
  return out;
}

Result<std::uint64_t> supersede_all(ports::Store& store, WallTime now) {
  const auto devices = TRY(certified_devices(store, now));
  for (auto from = devices.begin(); from != devices.end();) {
    auto to = from;
    for (std::size_t i = 0; i < kRowsAtOnce && to != devices.end(); ++i) ++to;
    TRY(store.write([&](Transaction& tx) -> Result<void> {
      for (auto at = from; at != to; ++at) {
        TRY(identity::supersede(tx, at->first, at->second, true, kReason, now));
      }
      return {};
    }));
    from = to;
  }
  return devices.size();
}

Result<void> say_so(Transaction& tx, const std::string& catalog, const Header& header, WallTime now) {
  const json::Value detail = json::Object{{"backup", header.id}, {"backup_made_at", to_rfc3339(header.made_at)}};
  return audit::append(tx, {catalog, "service", "service.restored", catalog, detail}, now);
}

Result<void> finish(ports::Store& store, const Header& header, WallTime now) {
  return store.write([&](Transaction& tx) -> Result<void> {
    TRY(say_so(tx, "", header, now));
    for (const auto& catalog : TRY(Table<ports::CatalogRow>(tx).scan({.limit = ports::kScanRowsMax}))) {
      TRY(say_so(tx, catalog.name, header, now));
    }
    TRY(note_restored(tx, now));
    return Table<ports::SettingRow>(tx).erase(kRestoreUnderWay);
  });
}

}  // namespace

Result<Restored> restore(ports::Store& store, const Keyring& keyring, Source& source, const Choice& choice,
                         WallTime now) {
  Reader reader(keyring, source);
  Restored out;
  out.archive.header = TRY(reader.begin());
  TRY(begin(store, out.archive.header));
  TRY(copy_rows(store, reader, out.archive));
  TRY(erase_all(store, &ports::NonceRow::nonce));
  TRY(erase_all(store, &ports::EnrollChallengeRow::challenge));
  TRY(erase_all(store, &ports::OwnerLinkRow::secret_sha256));
  TRY(erase_all(store, &ports::KeptAnswerRow::caller, &ports::KeptAnswerRow::key));
  out.tickets_ended = TRY(end_tickets(store, now));
  TRY(end_secrets(store, now));
  out.devices_to_attest = TRY(supersede_all(store, now));
  if (!choice.keep_operators) {
    out.operators_gone =
        TRY(for_each<ports::OperatorRow>(store, [](Transaction& tx, const ports::OperatorRow& row) -> Result<bool> {
          TRY(Table<ports::OperatorRow>(tx).erase(row.name));
          return true;
        }));
  }
  TRY(finish(store, out.archive.header, now));
  return out;
}

}  // namespace holdfast::service::backup
