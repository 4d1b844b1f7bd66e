#include "sim/disk/memory_disk.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::sim::disk {
namespace {

constexpr std::size_t kNameBytesMax = 64;

Result<void> require_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto is_inner = [&](char c) { return is_plain(c) || c == '.' || c == '-'; };
  if (name.empty() || name.size() > kNameBytesMax || !is_plain(name.front()) || !std::ranges::all_of(name, is_inner)) {
    return fail(Next::Rejected, ports::kDiskFailed,
                cat("expected a record name of a-z, 0-9, '.' and '-', saw '", printable(name), "'"));
  }
  return {};
}

}  // namespace

Result<std::optional<Blob>> MemoryDisk::read(std::string_view name) {
  TRY(require_name(name));
  const auto found = records_.find(name);
  if (found == records_.end()) return std::optional<Blob>();
  return std::optional<Blob>(found->second);
}

Result<void> MemoryDisk::write(std::string_view name, Bytes record) {
  TRY(require_name(name));
  if (record.size() > ports::kDiskRecordBytesMax) {
    return fail(Next::Exhausted, ports::kDiskFailed,
                cat("expected a record of at most ", ports::kDiskRecordBytesMax, " bytes, saw ", record.size()));
  }
  records_.insert_or_assign(std::string(name), to_blob(record));
  return {};
}

Result<void> MemoryDisk::remove(std::string_view name) {
  TRY(require_name(name));
  if (const auto found = records_.find(name); found != records_.end()) records_.erase(found);
  return {};
}

}  // namespace holdfast::sim::disk
