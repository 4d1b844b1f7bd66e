#include "programs/holdfast_agent/record_reader.h"

#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::programs {
namespace {

std::unexpected<Error> read_only(std::string_view name) {
  return fail(Next::Denied, ports::kDiskFailed, cat("expected to look at ", printable(name), " only, saw a change"));
}

}  // namespace

Result<std::optional<Blob>> RecordReader::read(std::string_view name) {
  auto record = linux::system::read_file(directory_ / name, ports::kDiskRecordBytesMax);
  if (record) return std::move(*record);
  if (record.error().reason == linux::system::kFileMissing) return std::nullopt;
  return std::unexpected(std::move(record).error());
}

Result<void> RecordReader::write(std::string_view name, Bytes /*record*/) { return read_only(name); }
Result<void> RecordReader::remove(std::string_view name) { return read_only(name); }

}  // namespace holdfast::programs
