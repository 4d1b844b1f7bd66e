#include "cli/owner/folder.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/profile.h"

namespace holdfast::cli::owner {

namespace tuf = trust::tuf;

std::string root_file(const std::string& folder, std::int64_t version) {
  return cat(folder, "/", version, ".root.json");
}

Result<Folder> Folder::open(Files& files, std::string path) {
  std::vector<Blob> roots;
  while (roots.size() < tuf::kRootChainMax) {
    auto next = files.read(root_file(path, static_cast<std::int64_t>(roots.size()) + 1), tuf::kEnvelopeBytesMax);
    if (!next && next.error().next == Next::NotFound && !roots.empty()) break;
    if (!next) return std::unexpected(std::move(next).error());
    roots.push_back(*std::move(next));
  }
  auto root = tuf::verify_root_chain(roots, tuf::root_digest(roots.front()));
  if (!root) return fail_within(cat("the owner's root in ", printable(path)), std::move(root).error());
  return Folder(std::move(path), std::move(roots), *std::move(root));
}

std::string Folder::file_of(std::string_view catalog, std::string_view name) const {
  return cat(path_, "/", catalog, "/", name);
}

Result<void> Folder::make_catalog_folder(Files& files, std::string_view catalog) const {
  TRY(trust::x509::require_catalog(catalog));
  return files.make_private_folder(cat(path_, "/", catalog));
}

Result<trust::Verified<tuf::Root>> Folder::root_at(std::int64_t version) const {
  const std::size_t count = std::min(static_cast<std::size_t>(std::max<std::int64_t>(version, 0)), roots_.size());
  return tuf::verify_root_chain(std::span(roots_).first(count), first_root_digest());
}

}  // namespace holdfast::cli::owner
