#include "cli/release/layout.h"

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::cli::release {

namespace tuf = trust::tuf;

std::string metadata_file(std::string_view repository, std::string_view name) {
  return cat(repository, "/metadata/", name);
}

std::string versioned(std::int64_t version, std::string_view role) { return cat(version, ".", role, ".json"); }

std::optional<std::int64_t> version_in(std::string_view name, std::string_view role) {
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), out);
  if (problem != std::errc() || out < 1 || name != versioned(out, role)) return std::nullopt;
  return out;
}

std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

std::string place_of(std::string_view path, const Digest256& sha256) {
  return cat(folder_of(path), "/", to_hex(sha256), ".", path.substr(path.rfind('/') + 1));
}

tuf::MetaFile meta_of(std::int64_t version, Bytes document) {
  return {version, static_cast<std::int64_t>(document.size()), tuf::Hashes{trust::crypto::sha256(document), {}}};
}

Result<tuf::Target> write_content(Files& files, std::string_view repository, const std::string& path, Bytes content) {
  tuf::Target out;
  out.length = static_cast<std::int64_t>(content.size());
  out.hashes.sha256 = trust::crypto::sha256(content);
  const std::string targets = cat(repository, "/targets/");
  TRY(files.make_folder(cat(targets, folder_of(path))));
  TRY(files.write(cat(targets, place_of(path, *out.hashes.sha256)), content, Access::Everyone));
  return out;
}

Result<Blob> read_content(Files& files, std::string_view repository, const std::string& path, const Digest256& sha256,
                          std::size_t bytes_max) {
  Blob out = TRY(files.read(cat(repository, "/targets/", place_of(path, sha256)), bytes_max));
  TRY(tuf::require_hashes(path, tuf::Hashes{sha256, {}}, out));
  return out;
}

}  // namespace holdfast::cli::release
