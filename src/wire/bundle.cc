#include "wire/bundle.h"

#include <algorithm>

#include "base/json/fields.h"
#include "base/text.h"
#include "wire/carried.h"

namespace holdfast::wire {
namespace {

constexpr std::size_t kNameBytes = 100;
constexpr std::int64_t kLengthMax = (std::int64_t{1} << 33) - 1;  ///< eleven octal digits
constexpr std::int64_t kBundleBytesMax = std::int64_t{1} << 42;
constexpr std::string_view kIndex = "index.json";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kIndexNodesMax = 8 * kBundleMembersMax;

std::int64_t padded(std::int64_t length) {
  constexpr auto kBlock = static_cast<std::int64_t>(kTarBlockBytes);
  return (length + kBlock - 1) / kBlock * kBlock;
}

void put(Blob& block, std::size_t at, std::string_view text) {
  std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Octal digits that fill the field up to its NUL.
void put_octal(Blob& block, std::size_t at, std::size_t bytes, std::int64_t value) {
  for (std::size_t i = bytes - 1; i > 0; --i, value >>= 3) {
    block[at + i - 1] = static_cast<std::uint8_t>('0' + (value & 7));
  }
}

/// POSIX.1-2001, pax, ustar Interchange Format.
Blob ustar_block(std::string_view name, std::int64_t length, char type) {
  Blob out(kTarBlockBytes, 0);
  put(out, 0, name.substr(0, kNameBytes));
  put_octal(out, 100, 8, 0644);
  put_octal(out, 108, 8, 0);
  put_octal(out, 116, 8, 0);
  put_octal(out, 124, 12, length);
  put_octal(out, 136, 12, 0);
  put(out, 148, "        ");
  out[156] = static_cast<std::uint8_t>(type);
  put(out, 257, std::string_view("ustar\00000", 8));
  put_octal(out, 329, 8, 0);
  put_octal(out, 337, 8, 0);
  std::int64_t sum = 0;
  for (const std::uint8_t byte : out) sum += byte;
  put_octal(out, 148, 7, sum);
  out[154] = 0;
  out[155] = ' ';
  return out;
}

/// `27 path=…\n`, which says its own length.
std::string pax_record(std::string_view name) {
  const std::size_t rest = std::string_view(" path=\n").size() + name.size();
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) ++length;
  return cat(length, " path=", name, "\n");
}

std::unexpected<Error> malformed(std::string why) { return fail(Next::Rejected, kBundleMalformed, std::move(why)); }

std::unexpected<Error> too_large(std::string_view what, std::size_t most, std::size_t seen) {
  return fail(Next::Exhausted, kBundleTooLarge, cat("expected at most ", most, " ", what, " in a bundle, saw ", seen));
}

/// Octal digits up to a NUL or a space; nothing where they are something else.
std::optional<std::int64_t> octal_at(Bytes block, std::size_t at, std::size_t bytes) {
  std::int64_t out = 0;
  std::size_t digits = 0;
  for (; digits < bytes && block[at + digits] >= '0' && block[at + digits] <= '7'; ++digits) {
    out = out * 8 + (block[at + digits] - '0');
  }
  const bool has_end = digits > 0 && digits < bytes && (block[at + digits] == 0 || block[at + digits] == ' ');
  return has_end ? std::optional(out) : std::nullopt;
}

Result<std::pair<std::string, BundleRange>> file_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "file of a bundle"));
  std::string path = TRY(fields.text("path", kCarriedPathBytesMax));
  if (!is_carried_path(path)) return malformed(cat("expected a path below the bundle, saw ", printable(path, 80)));
  BundleRange range;
  range.offset = TRY(fields.integer("offset", 0, kBundleBytesMax));
  range.length = TRY(fields.integer("length", 0, kLengthMax));
  TRY(fields.done());
  return std::pair(std::move(path), range);
}

}  // namespace

Result<Blob> tar_header(std::string_view name, std::int64_t length) {
  if (length > kLengthMax) {
    return fail(
        Next::Exhausted, kBundleTooLarge,
        cat("expected files of at most ", kLengthMax, " bytes in a bundle, saw ", printable(name), " of ", length));
  }
  Blob header = ustar_block(name, length, '0');
  if (name.size() <= kNameBytes) return header;
  const std::string record = pax_record(name);
  const auto record_length = static_cast<std::int64_t>(record.size());
  return concat({ustar_block("pax", record_length, 'x'), as_bytes(record), tar_padding(record_length), header});
}

Blob tar_padding(std::int64_t length) { return Blob(static_cast<std::size_t>(padded(length) - length), 0); }

Result<Blob> make_bundle_index(const std::vector<BundleMember>& members) {
  if (members.size() > kBundleMembersMax) return too_large("files", kBundleMembersMax, members.size());
  std::int64_t at = 0;
  json::Array files;
  for (const BundleMember& one : members) {
    at += static_cast<std::int64_t>(TRY(tar_header(one.name, one.length)).size());
    files.emplace_back(json::Object{{"path", one.name}, {"offset", at}, {"length", one.length}});
    at += padded(one.length);
  }
  const std::string index = json::dump(json::Object{{"holdfast_bundle", kFormat}, {"files", std::move(files)}}) + "\n";
  if (index.size() > kBundleIndexBytesMax) return too_large("bytes of index", kBundleIndexBytesMax, index.size());
  const auto length = static_cast<std::int64_t>(index.size());
  const Blob header = TRY(tar_header(kIndex, length));
  return concat({header, as_bytes(index), tar_padding(length)});
}

Result<std::size_t> bundle_index_bytes(Bytes first_block) {
  if (first_block.size() != kTarBlockBytes) {
    return malformed(cat("expected a tar archive, saw ", first_block.size(), " bytes"));
  }
  const auto length = octal_at(first_block, 124, 12);
  // One spelling alone, the writer's own: its sum is right by that.
  const bool is_ours = length && *length <= static_cast<std::int64_t>(kBundleIndexBytesMax) &&
                       std::ranges::equal(first_block, ustar_block(kIndex, *length, '0'));
  if (is_ours) return static_cast<std::size_t>(*length);
  return malformed(cat("expected a tar archive that begins with ", kIndex, " of at most ", kBundleIndexBytesMax,
                       " bytes, as holdfast release bundle writes it, saw another"));
}

Result<BundleIndex> read_bundle_index(Bytes index, std::int64_t bundle_bytes) {
  const json::Value value = TRY(json::parse(index, {.bytes_max = kBundleIndexBytesMax, .nodes_max = kIndexNodesMax}));
  auto fields = TRY(json::Fields::of(value, kIndex));
  TRY(fields.integer("holdfast_bundle", kFormat, kFormat));
  const json::Array& files = *TRY(fields.array("files", kBundleMembersMax));
  TRY(fields.done());
  const std::int64_t begin =
      static_cast<std::int64_t>(kTarBlockBytes) + padded(static_cast<std::int64_t>(index.size()));
  BundleIndex out;
  std::int64_t end = begin;
  for (const json::Value& one : files) {
    auto [path, range] = TRY(file_from(one));
    range.offset += begin;
    const bool is_next = range.offset >= end && (out.empty() || out.rbegin()->first < path);
    if (!is_next) return malformed(cat("expected files in their order, each once, saw ", printable(path, 80)));
    end = range.offset + range.length;
    if (end > bundle_bytes) {
      return malformed(cat("expected ", printable(path, 80), " within ", bundle_bytes, " bytes, saw it end at ", end));
    }
    out.emplace_hint(out.end(), std::move(path), range);
  }
  return out;
}

}  // namespace holdfast::wire
