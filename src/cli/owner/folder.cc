#include "cli/owner/folder.h"

#include "base/text.h"
#include "trust/x509/profile.h"

namespace holdfast::cli::owner {
namespace {

namespace tuf = trust::tuf;

constexpr std::string_view kKeyPrefix = "root-key-";
constexpr std::string_view kKeySuffix = ".pem";

}  // namespace

std::string root_file(const std::string& folder, std::int64_t version) {
  return cat(folder, "/", version, ".root.json");
}

std::string root_key_file(const std::string& folder, std::size_t number) {
  return cat(folder, "/", kKeyPrefix, number, kKeySuffix);
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

Result<std::vector<trust::crypto::PrivateKey>> keys_in(Files& files, const std::string& folder) {
  std::vector<trust::crypto::PrivateKey> out;
  for (const std::string& name : TRY(files.names_in(folder))) {
    if (!name.starts_with(kKeyPrefix) || !name.ends_with(kKeySuffix)) continue;
    out.push_back(TRY(read_key(files, cat(folder, "/", name))));
  }
  return out;
}

}  // namespace holdfast::cli::owner
