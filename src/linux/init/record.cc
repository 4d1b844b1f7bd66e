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
constexpr std::size_t kAreaBytesMax = 1024;
constexpr std::size_t kPrivateBytesMax = 2048;

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kRecordFailed, cat("expected ", what, ", saw: ", std::strerror(errno)));
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

Result<Blob> bytes_of(std::uint64_t sequence, const Record& record, std::size_t bytes_min) {
  const std::string text = to_json(record);
  if (text.size() > kRecordBytesMax) return fail(Next::Exhausted, kRecordFailed, "expected a short record, saw a long");
  ByteWriter out(Endian::Little);
  out.u64(kMagic).u64(sequence).u32(static_cast<std::uint32_t>(text.size())).bytes(as_bytes(text));
  Blob bytes = out.bytes(trust::crypto::sha256(out.written())).take();
  bytes.resize(std::max(bytes.size(), bytes_min), 0);
  return bytes;
}

}  // namespace

bool operator==(const Record& one, const Record& other) { return to_json(one) == to_json(other); }

Result<Record> parse_record(Bytes text) {
  const auto value = TRY(json::parse(text, {.bytes_max = kRecordBytesMax}));
  auto fields = TRY(json::Fields::of(value, "record"));
  Record out;
  out.boots = TRY(fields.integer("boots", 0, kBootsMax));
  for (const json::Value& one : *TRY(fields.array("sealed", kSealedKeysMax))) {
    auto key = TRY(json::Fields::of(one, "sealed key"));
    ports::VaultKey& sealed = out.sealed.emplace_back();
    sealed.public_area = TRY(key.base64("public", kAreaBytesMax));
    sealed.private_blob = TRY(key.base64("private", kPrivateBytesMax));
    TRY(key.done());
  }
  for (const auto& [name, other] : *value.object()) {
    if (name != "boots" && name != "sealed") out.others.emplace_back(name, other);
  }
  return out;
}

std::string to_json(const Record& record) {
  json::Array sealed;
  for (const ports::VaultKey& one : record.sealed) {
    sealed.push_back(json::Object{{"public", to_base64(one.public_area)}, {"private", to_base64(one.private_blob)}});
  }
  json::Object out{{"boots", record.boots}, {"sealed", std::move(sealed)}};
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

Result<void> RecordPartition::put(const Record& record, std::size_t bytes_min) {
  const std::uint64_t sequence = sequence_ + 1;
  const Blob bytes = TRY(bytes_of(sequence, record, bytes_min));
  const Descriptor opened(::open(device_.c_str(), O_WRONLY | O_CLOEXEC));
  const auto at = static_cast<off_t>(sequence % kCopies * kCopyBytes);
  if (!opened.is_open() || ::pwrite(opened.number(), bytes.data(), bytes.size(), at) != std::ssize(bytes) ||
      ::fsync(opened.number()) != 0) {
    return failed(cat("to write ", device_.string()));
  }
  sequence_ = sequence;
  record_ = record;
  return {};
}

Result<void> RecordPartition::write(const Record& record) { return put(record, 0); }

Result<void> RecordPartition::overwrite(const Record& record) {
  for (std::size_t copy = 0; copy < kCopies; ++copy) TRY(put(record, kCopyBytes));
  return {};
}

}  // namespace holdfast::linux::init
