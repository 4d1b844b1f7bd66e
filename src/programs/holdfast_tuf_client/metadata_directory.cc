#include "programs/holdfast_tuf_client/metadata_directory.h"

#include "base/text.h"
#include "linux/system/files.h"
#include "trust/tuf/targets.h"

namespace holdfast::programs {

using linux::system::FileMode;
using linux::system::kFileMissing;

std::filesystem::path MetadataDirectory::file_of(std::string_view role) const {
  return directory_ / cat(role, ".json");
}

Result<std::optional<Blob>> MetadataDirectory::read(std::string_view role) {
  auto document = linux::system::read_file(file_of(role), trust::tuf::kTargetsBytesMax);
  if (document) return std::optional(*std::move(document));
  if (document.error().reason == kFileMissing) return std::optional<Blob>();
  return std::unexpected(std::move(document).error());
}

Result<void> MetadataDirectory::write(std::string_view role, Bytes document) {
  return linux::system::write_file(file_of(role), document, FileMode::Public);
}

Result<void> MetadataDirectory::remove(std::string_view role) {
  const auto removed = linux::system::remove_file(file_of(role));
  if (!removed && removed.error().reason != kFileMissing) return removed;
  return {};
}

}  // namespace holdfast::programs
