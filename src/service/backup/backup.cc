#include "service/backup/backup.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/audit.h"
#include "ports/store/shape.h"
#include "service/backup/chains.h"
#include "service/backup/tables.h"

namespace holdfast::service::backup {
namespace {

TableBegins heading_of(const ports::Schema& schema) {
  TableBegins out{std::string(schema.table), {}};
  for (const ports::Column& column : schema.columns) out.columns.emplace_back(column.name);
  return out;
}

Result<std::uint64_t> write_table(ports::Transaction& tx, const ports::Schema& schema, Writer& writer) {
  TRY(writer.put(heading_of(schema)));
  std::uint64_t rows = 0;
  ports::Scan scan{.limit = 1'000};
  while (true) {
    const auto page = TRY(tx.scan(schema, scan));
    for (const ports::Record& row : page) TRY(writer.put(row));
    rows += page.size();
    if (page.size() < scan.limit) return rows;
    scan.after = ports::cursor(schema, "", page.back());
  }
}

}  // namespace

Result<Summary> back_up(ports::Store& store, Keyring& keyring, ports::Random& random, Sink& sink, WallTime now) {
  Summary out;
  out.header = {.id = to_hex(ports::random_array<16>(random)),
                .made_at = now,
                .migration = newest_migration(),
                .key_fingerprint = keyring.fingerprint()};
  TRY(store.read([&](ports::Transaction& tx) -> Result<void> {
    out.rows.clear();
    out.total = 0;
    TRY(sink.rewind());
    Writer writer(keyring, sink);
    TRY(writer.begin(out.header));
    for (const ports::Schema* schema : tables()) {
      const std::uint64_t rows = TRY(write_table(tx, *schema, writer));
      out.rows[std::string(schema->table)] = rows;
      out.total += rows;
    }
    return writer.put(End{out.total});
  }));
  return out;
}

Result<void> read_rows(Reader& reader, Summary& summary,
                       const std::function<Result<void>(const ports::Schema& schema, ports::Record row)>& take) {
  std::optional<Layout> layout;
  while (true) {
    Item item = TRY(reader.next());
    if (const auto* end = std::get_if<End>(&item)) {
      if (end->rows == summary.total) return {};
      return fail(Next::Corrupt, kArchiveMalformed, cat("expected ", end->rows, " rows, saw ", summary.total));
    }
    if (const auto* table = std::get_if<TableBegins>(&item)) {
      layout = TRY(Layout::of(*table));
      summary.rows[table->name] = 0;
      continue;
    }
    if (!layout) return fail(Next::Corrupt, kArchiveMalformed, "expected a table before its rows, saw a row");
    TRY(take(layout->schema(), TRY(layout->arranged(std::get<ports::Record>(std::move(item))))));
    ++summary.rows[std::string(layout->schema().table)];
    ++summary.total;
  }
}

Result<Summary> verify(const Keyring& keyring, Source& source) {
  Reader reader(keyring, source);
  Summary out;
  out.header = TRY(reader.begin());
  Chains chains;
  TRY(read_rows(reader, out,
                [&](const ports::Schema& schema, const ports::Record& row) { return chains.look_at(schema, row); }));
  TRY(chains.require_heads());
  return out;
}

}  // namespace holdfast::service::backup
