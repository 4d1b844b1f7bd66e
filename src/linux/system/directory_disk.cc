#include "linux/system/directory_disk.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::system {
namespace {

constexpr std::size_t kNameBytesMax = 64;

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Records are named by our own code; another form is a bug.
void check_name(std::string_view name) {
  CHECK_INVARIANT(!name.empty() && name.size() <= kNameBytesMax && is_name_start(name.front()) &&
                  std::ranges::all_of(name, [](char c) { return is_name_start(c) || c == '.' || c == '-'; }));
}

std::unexpected<Error> disk_failed(Error error) {
  return fail(error.next, ports::kDiskFailed, std::move(error.message));
}

}  // namespace

Result<DirectoryDisk> DirectoryDisk::open(const std::filesystem::path& directory) {
  TRY(make_private_directory(directory));
  std::error_code failed;
  for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().filename().native().starts_with('.')) std::filesystem::remove(at->path(), failed);
    if (failed) break;
  }
  if (failed) {
    return fail(Next::Retry, ports::kDiskFailed,
                cat("expected to tidy ", printable(directory.string()), ", saw: ", failed.message()));
  }
  return DirectoryDisk(directory);
}

Result<std::optional<Blob>> DirectoryDisk::read(std::string_view name) {
  check_name(name);
  auto record = read_file(directory_ / name, ports::kDiskRecordBytesMax);
  if (record) return std::move(*record);
  if (record.error().reason == kFileMissing) return std::nullopt;
  return disk_failed(std::move(record).error());
}

Result<void> DirectoryDisk::write(std::string_view name, Bytes record) {
  check_name(name);
  CHECK_INVARIANT(record.size() <= ports::kDiskRecordBytesMax);
  auto written = write_file(directory_ / name, record, FileMode::Private);
  if (!written) return disk_failed(std::move(written).error());
  return {};
}

Result<void> DirectoryDisk::remove(std::string_view name) {
  check_name(name);
  auto removed = remove_file(directory_ / name);
  if (!removed && removed.error().reason != kFileMissing) return disk_failed(std::move(removed).error());
  return {};
}

}  // namespace holdfast::linux::system
