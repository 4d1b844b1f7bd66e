// The owner's folder, outside every service: `1.root.json`, `2.root.json`, … with the owner's root metadata, those keys
// that are held here (signers.h), and a folder for each catalog with its offline roots and the last trust policy that
// was published. The roots are verified each time, from the first to the last. A maker who signs a part of an owner's
// releases has a folder of the same form: the owner's roots, the maker's keys.
#pragma once

#include <vector>

#include "cli/owner/signers.h"
#include "trust/tuf/root.h"

namespace holdfast::cli::owner {

class Folder {
 public:
  /// NotFound where no owner was made.
  static Result<Folder> open(Files& files, std::string path);

  const std::string& path() const { return path_; }
  const std::vector<Blob>& roots() const { return roots_; }  ///< as published, in order
  /// One of them, as it was when it was the newest.
  Result<trust::Verified<trust::tuf::Root>> root_at(std::int64_t version) const;
  const trust::Verified<trust::tuf::Root>& root() const { return root_; }
  /// What claim tickets pin.
  Digest256 first_root_digest() const { return trust::tuf::root_digest(roots_.front()); }

  std::string file_of(std::string_view catalog, std::string_view name) const;
  /// The folder of a catalog, made where there is none.
  Result<void> make_catalog_folder(Files& files, std::string_view catalog) const;

 private:
  Folder(std::string path, std::vector<Blob> roots, trust::Verified<trust::tuf::Root> root)
      : path_(std::move(path)), roots_(std::move(roots)), root_(std::move(root)) {}

  std::string path_;
  std::vector<Blob> roots_;
  trust::Verified<trust::tuf::Root> root_;
};

std::string root_file(const std::string& folder, std::int64_t version);

}  // namespace holdfast::cli::owner
