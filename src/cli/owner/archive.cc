#include "cli/owner/archive.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/output/table.h"
#include "cli/owner/document.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;

constexpr std::size_t kPageBytesMax = 768 * 1024;
constexpr std::size_t kDocumentBytesMax = 256 * 1024;
constexpr std::int64_t kProgressEvery = 50;
constexpr std::string_view kStatement = "statement.json";
constexpr std::string_view kRoots = "roots.json";

std::string page_file(const std::string& folder, std::int64_t number) {
  const std::string digits = std::to_string(number);
  return cat(folder, "/page-", std::string(7 - std::min<std::size_t>(digits.size(), 7), '0'), digits, ".json");
}

void report(const Progress& progress, std::int64_t done, std::int64_t all) {
  if (progress && done % kProgressEvery == 0) progress(done, all);
}

struct Pages {
  std::int64_t count = 0;
  std::int64_t rows = 0;
  Digest256 last{};
};

/// Takes the next page of the service's answers; false where there is none.
Result<bool> take_page(World& world, const std::string& folder, const json::Value& answer, Pages& pages) {
  const json::Value* table = answer.find("table");
  if (table == nullptr) return false;
  const json::Value* rows = answer.find("rows");
  const json::Value* columns = answer.find("columns");
  if (rows == nullptr || rows->array() == nullptr || columns == nullptr) {
    return fail(Next::Corrupt, kServiceAnswerMalformed, "expected rows and columns of a table, saw other members");
  }
  pages.rows += static_cast<std::int64_t>(rows->array()->size());
  ++pages.count;
  const std::string page = json::dump(json::Object{{"number", pages.count},
                                                   {"previous", to_hex(pages.last)},
                                                   {"table", *table},
                                                   {"columns", *columns},
                                                   {"rows", *rows}});
  pages.last = trust::crypto::sha256(as_bytes(page));
  TRY(world.files.write(page_file(folder, pages.count), as_bytes(page), Access::OwnerOnly));
  return true;
}

Result<Pages> write_pages(World& world, Session& session, const std::string& catalog, const std::string& folder,
                          const Progress& progress) {
  Pages out;
  std::string after;
  do {
    const json::Value answer =
        TRY(session.get(with_query(path_of({"catalogs", catalog, "export"}), {{"after", after}})));
    const json::Value* next = answer.find("next");
    after = next != nullptr ? in_words(next) : std::string();
    if (!TRY(take_page(world, folder, answer, out))) break;
    report(progress, out.count, 0);
  } while (!after.empty());
  return out;
}

Result<void> write_roots(World& world, const Folder& folder, const std::string& into) {
  json::Array roots;
  for (const Blob& root : folder.roots()) roots.emplace_back(to_base64(root));
  return world.files.write(cat(into, "/", kRoots), as_bytes(json::dump(roots)), Access::OwnerOnly);
}

Result<std::int64_t> migration_of(Session& session) {
  const json::Value service = TRY(session.get(path_of({"service"})));
  const json::Value* number = service.find("migration");
  if (number != nullptr && number->integer() != nullptr) return *number->integer();
  return fail(Next::Corrupt, kServiceAnswerMalformed, "expected the service to name its newest migration, saw none");
}

/// Page `number`, by the digest that the one behind it, or the statement, names.
Result<Blob> page_of(World& world, const std::string& folder, std::int64_t number, const Digest256& expected) {
  Blob page = TRY(world.files.read(page_file(folder, number), kPageBytesMax));
  if (trust::crypto::sha256(page) == expected) return page;
  return fail(Next::Corrupt, kArchiveDamaged,
              cat("expected page ", number, " with SHA-256 ", to_hex(expected), ", saw another; export again"));
}

Result<Digest256> previous_of(Bytes page) {
  const json::Value value = TRY(json::parse(page, {.bytes_max = kPageBytesMax, .nodes_max = 200'000}));
  auto fields = TRY(json::Fields::of(value, "page"));
  return fields.digest256("previous");
}

}  // namespace

Result<std::string> write_archive(World& world, Session& session, const Folder& folder, const std::string& catalog,
                                  const std::string& into, const Progress& progress) {
  TRY(world.files.make_private_folder(into));
  const std::int64_t migration = TRY(migration_of(session));
  const Pages pages = TRY(write_pages(world, session, catalog, into, progress));
  TRY(write_roots(world, folder, into));
  auto envelope = TRY(tuf::make_catalog_export({.catalog = catalog,
                                                .exported_at = world.clock.wall_time(),
                                                .migration = migration,
                                                .pages = pages.count,
                                                .rows = pages.rows,
                                                .last_page = pages.last}));
  Document document = TRY(document_of(std::move(envelope), &*folder.root()));
  const auto keys = TRY(keys_in(world, folder.path()));
  if (!keys.empty()) TRY(sign(document, keys));
  const std::string file = cat(into, "/", kStatement);
  TRY(world.files.write(file, tuf::dump_envelope(document.envelope), Access::OwnerOnly));
  std::string what = cat(catalog, " is in ", into, ": ", pages.rows, " rows on ", pages.count, " pages.");
  const std::string needed = missing(document);
  if (needed.empty()) return what;
  return cat(what, "\nIts statement needs ", needed, " more. Have its holders run\n  holdfast owner sign ", file,
             " --dir DIR");
}

Result<std::string> catalog_in(World& world, const std::string& from) {
  const Blob statement = TRY(world.files.read(cat(from, "/", kStatement), kDocumentBytesMax));
  return TRY(tuf::read_catalog_export(TRY(tuf::parse_envelope(statement)))).catalog;
}

Result<void> send_archive(World& world, Session& session, const std::string& from, const Progress& progress) {
  const Blob statement = TRY(world.files.read(cat(from, "/", kStatement), kDocumentBytesMax));
  const auto archive = TRY(tuf::read_catalog_export(TRY(tuf::parse_envelope(statement))));
  const json::Value roots = TRY(json::parse(TRY(world.files.read(cat(from, "/", kRoots), kDocumentBytesMax))));
  const json::Value begun =
      TRY(session.post(path_of({"imports"}), json::Object{{"roots", roots}, {"statement", to_base64(statement)}}));
  auto fields = TRY(json::Fields::of(begun, "import"));
  const std::int64_t remaining = TRY(fields.integer("remaining_pages", 1, archive.pages));
  Digest256 expected = archive.last_page;
  for (std::int64_t number = archive.pages; number >= 1; --number) {
    Blob page = TRY(page_of(world, from, number, expected));
    expected = TRY(previous_of(page));
    if (number > remaining) continue;  // taken by an earlier call
    const std::string path = path_of({"imports", archive.catalog, "pages", std::to_string(number)});
    TRY(session.put_bytes(path, std::move(page)));
    report(progress, archive.pages - number + 1, archive.pages);
  }
  return {};
}

}  // namespace holdfast::cli::owner
