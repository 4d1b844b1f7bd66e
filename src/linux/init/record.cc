#include "linux/init/record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/byte_io.h"
#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "linux/system/descriptor.h"
#include "trust/crypto/hash.h"

namespace holdfast::linux::init {
namespace {

using system::Descriptor;

constexpr std::uint64_t kMagic = 0x31304352'54464C48;  // "HLFTRC01"
constexpr std::size_t kHeadBytes = 8 + 8 + 4;
constexpr std::size_t kCopyBytes = 128 * 1024;
constexpr std::size_t kCopies = 2;
constexpr std::int64_t kBootsMax = std::int64_t{1} << 53;
constexpr std::size_t kWordBytesMax = 16;
constexpr std::size_t kAreaBytesMax = 1024;
constexpr std::size_t kPrivateBytesMax = 2048;
constexpr std::string_view kOurs[] = {"boots", "sealed", "was_open", "is_erased", "reset", "has_seen_presence"};
constexpr std::string_view kResets[] = {"none", "storage", "settings"};

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kRecordFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
}

Result<Reset> reset_from(std::string_view word) {
  const auto* found = std::ranges::find(kResets, word);
  if (found != std::end(kResets)) return static_cast<Reset>(found - kResets);
  return fail(Next::Corrupt, kRecordMalformed, cat("expected none, storage or settings, saw ", printable(word)));
}

struct Copy {
  std::uint64_t sequence = 0;
  Record record;
};

/// Magic, sequence, length, text, digest of all of these. An Error: what is there is no whole copy.
Result<Copy> read_copy(Bytes bytes) {
  ByteReader reader(bytes, Endian::Little, "record");
  if (TRY(reader.u64()) != kMagic) return fail(Next::Corrupt, kRecordMalformed, "expected a record, saw none");
  Copy out;
  out.sequence = TRY(reader.u64());
  const std::uint32_t length = TRY(reader.u32());
  if (length > kRecordBytesMax) return fail(Next::Corrupt, kRecordMalformed, "expected a record, saw a longer one");
  const Bytes text = TRY(reader.take(length));
  if (!equal(TRY(reader.take(Digest256{}.size())), trust::crypto::sha256(bytes.first(kHeadBytes + length)))) {
    return fail(Next::Corrupt, kRecordMalformed, "expected a whole record, saw a damaged one");
  }
  out.record = TRY(parse_record(text));
  return out;
}

/// Always as long, so that nothing of a longer one stays behind it.
Result<Blob> bytes_of(std::uint64_t sequence, const Record& record) {
  const std::string text = to_json(record);
  if (text.size() > kRecordBytesMax) return fail(Next::Exhausted, kRecordFailed, "expected a short record, saw a long");
  ByteWriter out(Endian::Little);
  out.u64(kMagic).u64(sequence).u32(static_cast<std::uint32_t>(text.size())).bytes(as_bytes(text));
  Blob bytes = out.bytes(trust::crypto::sha256(out.written())).take();
  bytes.resize(kHeadBytes + kRecordBytesMax + Digest256{}.size(), 0);
  return bytes;
}

}  // namespace

bool operator==(const Record& one, const Record& other) { return to_json(one) == to_json(other); }

Result<Record> parse_record(Bytes text) {
  const auto value = TRY(json::parse(text, {.bytes_max = kRecordBytesMax}));
  auto fields = TRY(json::Fields::of(value, "record"));
  Record out;
  out.boots = TRY(fields.integer("boots", 0, kBootsMax));
  if (fields.has("sealed")) {
    auto key = TRY(fields.object("sealed"));
    ports::VaultKey& sealed = out.sealed.emplace();
    sealed.public_area = TRY(key.base64("public", kAreaBytesMax));
    sealed.private_blob = TRY(key.base64("private", kPrivateBytesMax));
    TRY(key.done());
  }
  if (fields.has("was_open")) out.was_open = TRY(fields.boolean("was_open"));
  if (fields.has("is_erased")) out.is_erased = TRY(fields.boolean("is_erased"));
  if (fields.has("reset")) out.reset = TRY(reset_from(TRY(fields.text("reset", kWordBytesMax))));
  if (fields.has("has_seen_presence")) out.has_seen_presence = TRY(fields.boolean("has_seen_presence"));
  for (const auto& [name, other] : *value.object()) {
    if (std::ranges::find(kOurs, name) == std::end(kOurs)) out.others.emplace_back(name, other);
  }
  return out;
}

std::string to_json(const Record& record) {
  json::Object out{{"boots", record.boots}};
  if (record.sealed) {
    out.emplace_back("sealed", json::Object{{"public", to_base64(record.sealed->public_area)},
                                            {"private", to_base64(record.sealed->private_blob)}});
  }
  if (record.was_open) out.emplace_back("was_open", true);
  if (record.is_erased) out.emplace_back("is_erased", true);
  if (record.reset != Reset::None) out.emplace_back("reset", kResets[static_cast<std::size_t>(record.reset)]);
  if (record.has_seen_presence) out.emplace_back("has_seen_presence", true);
  out.insert(out.end(), record.others.begin(), record.others.end());
  return json::dump(std::move(out));
}

Result<RecordPartition> RecordPartition::open(const std::filesystem::path& device) {
  RecordPartition out(device);
  const Descriptor opened(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
  Blob both(kCopies * kCopyBytes);
  if (!opened.is_open() || ::pread(opened.number(), both.data(), both.size(), 0) != std::ssize(both)) {
    return failed(cat("to read ", device.string()));
  }
  for (std::size_t at = 0; at < kCopies; ++at) {
    auto copy = read_copy(Bytes(both).subspan(at * kCopyBytes, kCopyBytes));
    if (!copy || copy->sequence % kCopies != at || copy->sequence <= out.sequence_) continue;
    out.sequence_ = copy->sequence;
    out.record_ = std::move(copy->record);
  }
  return out;
}

Result<void> RecordPartition::put(const Record& record) {
  const std::uint64_t sequence = sequence_ + 1;
  const Blob bytes = TRY(bytes_of(sequence, record));
  const Descriptor opened(::open(device_.c_str(), O_WRONLY | O_CLOEXEC));
  const auto at = static_cast<off_t>(sequence % kCopies * kCopyBytes);
  if (!opened.is_open() || ::pwrite(opened.number(), bytes.data(), bytes.size(), at) != std::ssize(bytes) ||
      ::fsync(opened.number()) != 0) {
    return failed(cat("to write ", device_.string()));
  }
  sequence_ = sequence;
  return {};
}

Result<void> RecordPartition::write(const Record& record) {
  TRY(put(record));
  record_ = record;
  return {};
}

Result<void> RecordPartition::overwrite(const Record& record) {
  for (std::size_t copy = 0; copy < kCopies; ++copy) TRY(put(record));
  record_ = record;
  return {};
}

}  // namespace holdfast::linux::init
