#include "service/backup/archive.h"

#include "base/byte_io.h"
#include "base/check.h"
#include "base/json/fields.h"
#include "base/json/value.h"
#include "base/text.h"

namespace holdfast::service::backup {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;  ///< filled up to here, and by one item more
constexpr std::size_t kItemBytesMax = 32 * 1024 * 1024;
constexpr std::size_t kSealedBytesMax = kChunkBytes + kItemBytesMax + 64;
constexpr std::size_t kHeaderBytesMax = 1024;
constexpr std::size_t kNameBytesMax = 256;

enum class Kind : std::uint8_t { Table = 1, Row = 2, End = 3 };
enum class Held : std::uint8_t { Null = 0, Integer = 1, Text = 2, Bytes = 3 };

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Next::Corrupt, kArchiveMalformed, cat("expected a whole backup of Holdfast, saw ", what));
}

std::string place_of(std::string_view id, std::uint64_t chunk, bool is_last) {
  return cat("holdfast-backup-v1/", id, "/", chunk, is_last ? "/last" : "");
}

void write_sized(ByteWriter& out, Bytes bytes) { out.u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes); }

void write_field(ByteWriter& out, const ports::Field& field) {
  const auto as = [&](Held held) { out.u8(static_cast<std::uint8_t>(held)); };
  if (const auto* number = std::get_if<std::int64_t>(&field)) {
    as(Held::Integer);
    out.u64(static_cast<std::uint64_t>(*number));
  } else if (const auto* text = std::get_if<std::string>(&field)) {
    as(Held::Text);
    write_sized(out, as_bytes(*text));
  } else if (const auto* blob = std::get_if<Blob>(&field)) {
    as(Held::Bytes);
    write_sized(out, *blob);
  } else {
    as(Held::Null);
  }
}

Blob encoded(const Item& item) {
  ByteWriter out(Endian::Big);
  if (const auto* table = std::get_if<TableBegins>(&item)) {
    out.u8(static_cast<std::uint8_t>(Kind::Table));
    write_sized(out, as_bytes(table->name));
    out.u16(static_cast<std::uint16_t>(table->columns.size()));
    for (const std::string& column : table->columns) write_sized(out, as_bytes(column));
  } else if (const auto* row = std::get_if<ports::Record>(&item)) {
    out.u8(static_cast<std::uint8_t>(Kind::Row)).u16(static_cast<std::uint16_t>(row->size()));
    for (const ports::Field& field : *row) write_field(out, field);
  } else {
    out.u8(static_cast<std::uint8_t>(Kind::End)).u64(std::get<End>(item).rows);
  }
  return out.take();
}

Result<Bytes> read_sized(ByteReader& in, std::size_t size_max) {
  const std::size_t size = TRY(in.u32());
  if (size > size_max) return malformed(cat("a field of ", size, " bytes"));
  return in.take(size);
}

Result<std::string> read_name(ByteReader& in) { return to_text(TRY(read_sized(in, kNameBytesMax))); }

Result<ports::Field> read_field(ByteReader& in) {
  switch (static_cast<Held>(TRY(in.u8()))) {
    case Held::Null: return ports::Field();
    case Held::Integer: return ports::Field(static_cast<std::int64_t>(TRY(in.u64())));
    case Held::Text: return ports::Field(to_text(TRY(read_sized(in, ports::kFieldBytesMax))));
    case Held::Bytes: return ports::Field(to_blob(TRY(read_sized(in, ports::kFieldBytesMax))));
  }
  return malformed("a field of an unknown kind");
}

Result<Item> read_table(ByteReader& in) {
  TableBegins table;
  table.name = TRY(read_name(in));
  const std::size_t columns = TRY(in.u16());
  if (columns > ports::kColumnsMax) return malformed("a table of too many columns");
  for (std::size_t i = 0; i < columns; ++i) table.columns.push_back(TRY(read_name(in)));
  return table;
}

Result<Item> read_row(ByteReader& in) {
  ports::Record row;
  const std::size_t fields = TRY(in.u16());
  if (fields > ports::kColumnsMax) return malformed("a row of too many columns");
  for (std::size_t i = 0; i < fields; ++i) row.push_back(TRY(read_field(in)));
  return row;
}

Result<Header> parse_header(Bytes line) {
  const json::Value value = TRY(json::parse(line, {.bytes_max = kHeaderBytesMax}));
  auto fields = TRY(json::Fields::of(value, "header of the backup"));
  const std::int64_t version = TRY(fields.integer("holdfast_backup", 1, INT32_MAX));
  if (version > kArchiveVersion) {
    return fail(Next::Rejected, kArchiveTooNew,
                cat("expected a backup of version ", kArchiveVersion, ", saw version ", version,
                    ", which a newer Holdfast made"));
  }
  Header out;
  out.id = TRY(fields.text("id", 32));
  out.made_at = TRY(fields.time("made_at"));
  out.migration = TRY(fields.integer("migration", 0, INT32_MAX));
  out.key_fingerprint = TRY(fields.text("service_key", 16));
  TRY(fields.done());
  return out;
}

}  // namespace

Result<void> Writer::begin(const Header& header) {
  id_ = header.id;
  chunk_ = 0;
  open_.clear();
  const json::Value line = json::Object{{"holdfast_backup", kArchiveVersion},
                                        {"id", header.id},
                                        {"made_at", to_rfc3339(header.made_at)},
                                        {"migration", header.migration},
                                        {"service_key", header.key_fingerprint}};
  const std::string text = json::dump(line) + "\n";
  return sink_.write(as_bytes(text));
}

Result<void> Writer::put(const Item& item) {
  const Blob bytes = encoded(item);
  if (bytes.size() > kItemBytesMax) {
    return fail(Next::Exhausted, kArchiveMalformed,
                cat("expected rows of at most ", kItemBytesMax, " bytes, saw one of ", bytes.size()));
  }
  open_.insert(open_.end(), bytes.begin(), bytes.end());
  const bool is_last = std::holds_alternative<End>(item);
  if (!is_last && open_.size() < kChunkBytes) return {};
  return flush(is_last);
}

Result<void> Writer::flush(bool is_last) {
  const Blob sealed = keyring_.seal(place_of(id_, chunk_++, is_last), Secret(std::exchange(open_, {})));
  ByteWriter out(Endian::Big);
  out.u8(is_last ? 1 : 0).u32(static_cast<std::uint32_t>(sealed.size())).bytes(sealed);
  return sink_.write(out.written());
}

Result<Header> Reader::begin() {
  Blob line;
  while (line.empty() || line.back() != '\n') {
    if (line.size() >= kHeaderBytesMax) return malformed("something else");
    line.push_back(TRY(source_.read(1)).front());
  }
  Header header = TRY(parse_header(line));
  const std::string ours = keyring_.fingerprint();
  if (header.key_fingerprint != ours) {
    return fail(Next::Denied, kArchiveOfAnotherKey,
                cat("expected the service key that sealed this backup (", header.key_fingerprint,
                    "), saw another one (", ours, ")"));
  }
  id_ = header.id;
  return header;
}

Result<void> Reader::fill() {
  if (is_last_) return malformed("no end of its rows");
  const Blob head = TRY(source_.read(5));
  ByteReader reader(head, Endian::Big, "chunk of a backup");
  const std::uint8_t last = TRY(reader.u8());
  const std::size_t size = TRY(reader.u32());
  if (last > 1 || size > kSealedBytesMax) return malformed("a chunk of an unknown form");
  is_last_ = last == 1;
  auto opened = keyring_.unseal(place_of(id_, chunk_, is_last_), TRY(source_.read(size)));
  if (!opened) return malformed(cat("chunk ", chunk_, " changed, moved or from another backup"));
  ++chunk_;
  held_ = *std::move(opened);
  at_ = 0;
  return {};
}

Result<Item> Reader::next() {
  while (at_ == held_.size()) TRY(fill());
  ByteReader in(held_.expose().subspan(at_), Endian::Big, "backup");
  const auto read = [&]() -> Result<Item> {
    switch (static_cast<Kind>(TRY(in.u8()))) {
      case Kind::Table: return read_table(in);
      case Kind::Row: return read_row(in);
      case Kind::End: {
        const std::uint64_t rows = TRY(in.u64());
        return Item(End{rows});
      }
    }
    return malformed("an item of an unknown kind");
  };
  Item item = TRY(read());
  at_ += in.offset();
  if (std::holds_alternative<End>(item) && !(is_last_ && at_ == held_.size())) return malformed("more behind its end");
  return item;
}

}  // namespace holdfast::service::backup
