// A catalog's way from one service to another, with two whole services.
#include <doctest/doctest.h>

#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/moving.h"
#include "ports/store/table_codec.h"
#include "service/appraise/attest.h"
#include "service/backup/tables.h"
#include "service/check_in/check_in.h"
#include "service/claim/tickets.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "service/moving/arrive.h"
#include "service/moving/leave.h"
#include "soft_device.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/catalog_export.h"

namespace holdfast::service::moving {
namespace {

using ports::CatalogState;
using tests::kAcme;
using tests::kAda;
using tests::ServiceWorld;
using tests::SoftDevice;

/// An archive as the owner's machine makes it.
struct Archive {
  std::vector<Blob> pages;
  std::vector<Blob> roots;
  Blob statement;
};

struct OldHouse : ServiceWorld {
  OldHouse() : device(*this, "device") {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
    const auto attested = device.attest();
    REQUIRE(attested);
    certificate = attested->client_certificate->certificate;
  }

  void leave_house() {
    REQUIRE(write([&](ports::Transaction& tx) { return leave(tx, kAcme, kAda, now()); }));
  }
  std::vector<Blob> pages() {
    std::vector<Blob> out;
    Digest256 previous{};
    std::string cursor;
    do {
      ExportedRows rows;
      read([&](ports::Transaction& tx) -> Result<void> {
        rows = TRY(export_rows(tx, kAcme, cursor));
        return {};
      });
      cursor = rows.next;
      if (rows.schema == nullptr) break;
      out.push_back(page(static_cast<std::int64_t>(out.size()) + 1, previous, rows));
      previous = trust::crypto::sha256(out.back());
    } while (!cursor.empty());
    return out;
  }
  static Blob page(std::int64_t number, const Digest256& previous, const ExportedRows& from) {
    json::Array columns;
    for (const auto& column : from.schema->columns) columns.emplace_back(column.name);
    json::Array rows;
    for (const auto& row : from.rows) {
      json::Array fields;
      for (const auto& field : row) fields.push_back(to_json(field));
      rows.emplace_back(std::move(fields));
    }
    return to_blob(as_bytes(json::dump(json::Object{{"number", number},
                                                    {"previous", to_hex(previous)},
                                                    {"table", from.schema->table},
                                                    {"columns", std::move(columns)},
                                                    {"rows", std::move(rows)}})));
  }
  Archive archive() {
    Archive out{.pages = pages(), .roots = {}, .statement = {}};
    for (const auto& row : rows<ports::OwnerDocumentRow>(kAcme, ports::OwnerDocument::Root))
      out.roots.push_back(row.bytes);
    out.statement = statement_for(out.pages);
    return out;
  }
  Blob statement_for(const std::vector<Blob>& pages) {
    return *owner().vouch({.catalog = std::string(kAcme),
                           .exported_at = now(),
                           .migration = backup::newest_migration(),
                           .pages = static_cast<std::int64_t>(pages.size()),
                           .rows = 1,
                           .last_page = trust::crypto::sha256(pages.back())});
  }

  SoftDevice device;
  Blob certificate;
};

Result<void> begin(ServiceWorld& world, const Archive& archive) {
  return world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(begin_import(tx, archive.roots, archive.statement, kAda, world.now()));
    return {};
  });
}

Result<void> take(ServiceWorld& world, std::int64_t number, const Blob& page) {
  return world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(take_page(tx, world.deps(), kAcme, number, page, kAda, world.now()));
    return {};
  });
}

Result<void> take_all(ServiceWorld& world, const Archive& archive) {
  for (std::size_t number = archive.pages.size(); number >= 1; --number) {
    TRY(take(world, static_cast<std::int64_t>(number), archive.pages[number - 1]));
  }
  return {};
}

/// A service that has nothing of the catalog: its own is called otherwise.
ServiceWorld& emptied(ServiceWorld& world) {
  REQUIRE(world.write([&](ports::Transaction& tx) -> Result<void> {
    for (const ports::Schema* schema : backup::tables()) {
      for (const auto& row : TRY(tx.scan(*schema, {.limit = ports::kScanRowsMax}))) {
        const auto* name = std::get_if<std::string>(&row.front());
        if (name == nullptr || *name != kAcme) continue;
        TRY(tx.erase(*schema, ports::Record(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(schema->key_size))));
      }
    }
    return {};
  }));
  return world;
}

}  // namespace

TEST_CASE("of every table it is said whether it moves") {
  std::set<std::string_view> said;
  for (const auto* list : {&exported_tables(), &tables_that_stay()}) {
    for (const ports::Schema* schema : *list) CHECK(said.insert(schema->table).second);
  }
  for (const ports::Schema* schema : backup::tables()) {
    CAPTURE(schema->table);
    CHECK(said.contains(schema->table));
  }
  CHECK(said.size() == backup::tables().size());
  for (const ports::Schema* schema : exported_tables()) {
    const bool is_catalog = schema == &ports::CatalogRow::schema();
    CHECK(schema->columns.front().name == (is_catalog ? "name" : "catalog"));
  }
}

TEST_CASE("a catalog that left is read as one state and changes no more") {
  OldHouse house;
  const std::string ada = house.token("ada", Scope::Own);
  CHECK(fails_with(house.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(export_rows(tx, kAcme, ""));
    return {};
  }),
                   kNotLeft));
  house.leave_house();
  const auto change = house.ask(ada, "POST", "/v1/catalogs/acme/products", R"({"name": "another"})");
  CHECK(change.status == 409);
  CHECK(tests::reason_of(change) == kCatalogLeft.word());
  CHECK(house.ask(ada, "GET", "/v1/catalogs/acme/products").status == 200);
  CHECK(fails_with(house.device.attest(), kCatalogLeft));
  CHECK(house.ask(ada, "POST", "/v1/catalogs/acme/come-back").status == 200);
  CHECK(house.device.verdict() == "healthy");
}

TEST_CASE("no private key and nobody else's row leaves") {
  OldHouse house;
  house.other_owner();
  house.leave_house();
  for (const Blob& page : house.pages()) {
    const std::string_view text = as_text(page);
    CHECK(text.find("\"other\"") == std::string_view::npos);
    for (const auto& key : house.rows<ports::KeyRow>(kAcme)) {
      CHECK(text.find(to_base64(key.sealed_key)) == std::string_view::npos);
    }
  }
}

TEST_CASE("a catalog arrives whole: devices, certificates, documents and an audit chain that goes on") {
  OldHouse house;
  house.leave_house();
  const Archive archive = house.archive();
  ServiceWorld other;
  ServiceWorld& there = emptied(other);
  REQUIRE(begin(there, archive));
  REQUIRE(take_all(there, archive));
  CHECK(there.find<ports::CatalogRow>(kAcme)->state == CatalogState::Preparing);
  CHECK_FALSE(there.find<ports::ImportRow>(kAcme));
  CHECK(there.find<ports::DeviceRow>(kAcme, house.device.id())->ak_public == house.device.row().ak_public);
  const auto records = house.audited().size();
  CHECK(there.audited().size() == records + 1);
  CHECK(there.audited(kAcme, records).front() == "catalog.imported");
  // Its certificate is good here, and its keys are not this service's.
  std::optional<DeviceCaller> caller;
  there.read([&](ports::Transaction& tx) -> Result<void> {
    caller = TRY(identity::authenticate(tx, house.certificate, there.now()));
    return {};
  });
  CHECK(caller->device == house.device.id());
  CHECK_FALSE(there.store().read([&](ports::Transaction& tx) -> Result<void> {
    TRY(identity::authority_in_force(tx, kAcme, ports::KeyPurpose::ClientCa, there.now()));
    return {};
  }));
}

TEST_CASE("a page that the owner did not sign for, or out of turn, is refused and nothing of it stays") {
  OldHouse house;
  house.leave_house();
  const Archive archive = house.archive();
  REQUIRE(archive.pages.size() >= 3);
  const auto count = static_cast<std::int64_t>(archive.pages.size());
  ServiceWorld other;
  ServiceWorld& there = emptied(other);
  REQUIRE(begin(there, archive));
  Blob changed = archive.pages.back();
  changed[changed.size() / 2] ^= 1;
  CHECK(fails_with(take(there, count, changed), kPageWrong));
  CHECK(fails_with(take(there, count - 1, archive.pages[archive.pages.size() - 2]), kPageWrong));
  CHECK(fails_with(take(there, 1, archive.pages.front()), kPageWrong));
  REQUIRE(take(there, count, archive.pages.back()));
  CHECK(fails_with(take(there, count, archive.pages.back()), kPageWrong));
  CHECK(there.rows<ports::CertificateRow>(kAcme).empty());
  // Beginning again goes on; another archive does not begin.
  CHECK(begin(there, archive));
  Archive foreign = archive;
  foreign.statement = house.statement_for({archive.pages.front()});
  CHECK(fails_with(begin(there, foreign), kAlreadyThere));
}

TEST_CASE("an archive is its owner's word alone") {
  OldHouse house;
  house.other_owner();
  house.leave_house();
  Archive archive = house.archive();
  ServiceWorld other;
  ServiceWorld& there = emptied(other);
  Archive changed = archive;
  changed.statement[changed.statement.size() / 2] ^= 1;
  CHECK_FALSE(begin(there, changed));
  Archive by_another = archive;
  by_another.roots.clear();
  for (const auto& row : house.rows<ports::OwnerDocumentRow>(tests::kOther, ports::OwnerDocument::Root)) {
    by_another.roots.push_back(row.bytes);
  }
  CHECK(fails_with(begin(there, by_another), trust::tuf::kThresholdMissed));
  by_another.roots.clear();
  CHECK_FALSE(begin(there, by_another));
  CHECK_FALSE(there.find<ports::CatalogRow>(kAcme));
}

TEST_CASE("a signed page with another catalog's row, a private key or an unknown table is refused all the same") {
  OldHouse house;
  const auto with = [&](const ports::Schema& schema, const ports::Record& row) {
    return parse_page(OldHouse::page(1, {}, {.schema = &schema, .rows = {row}, .next = {}}), kAcme);
  };
  auto key = house.rows<ports::KeyRow>(kAcme).front();
  CHECK(fails_with(with(ports::KeyRow::schema(), ports::to_record(key)), kPageMalformed));
  key.sealed_key.clear();
  CHECK(with(ports::KeyRow::schema(), ports::to_record(key)));
  key.catalog = "other";
  CHECK(fails_with(with(ports::KeyRow::schema(), ports::to_record(key)), kPageMalformed));
  const ports::OperatorRow ada{};
  CHECK(fails_with(with(ports::OperatorRow::schema(), ports::to_record(ada)), kPageMalformed));
  CHECK(fails_with(parse_page(as_bytes("{}"), kAcme), Next::Rejected));
  CHECK(fails_with(parse_page(as_bytes("[]"), kAcme), Next::Rejected));
}

}  // namespace holdfast::service::moving
