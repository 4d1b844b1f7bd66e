#include "linux/apps/tree.h"

#include "base/text.h"
#include "linux/system/files.h"
#include "linux/system/program.h"

namespace holdfast::linux::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kUnpackMax{120};

std::unexpected<Error> unfit(std::string_view expected, const fs::path& seen) {
  return fail(Next::Rejected, kTreeUnfit, cat("expected ", expected, ", saw ", printable(seen.string())));
}

Result<void> require_link(const fs::path& link) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  bool is_inside = !error && target.is_relative();
  for (const fs::path& part : target) is_inside = is_inside && part != "..";
  return is_inside ? Result<void>() : unfit("links that stay inside", link);
}

Result<void> require_fit_entry(const fs::directory_entry& entry, std::uintmax_t& bytes) {
  std::error_code error;
  const fs::file_status status = entry.symlink_status(error);
  if (error) return unfit("a tree that can be read", entry.path());
  if (status.type() == fs::file_type::symlink) return require_link(entry.path());
  constexpr fs::perms kRights = fs::perms::set_uid | fs::perms::set_gid;
  if (status.type() == fs::file_type::directory) return {};
  if (status.type() != fs::file_type::regular) return unfit("folders, files and links alone", entry.path());
  if ((status.permissions() & kRights) != fs::perms::none) return unfit("nobody's rights", entry.path());
  if (entry.hard_link_count(error) > 1) return unfit("files of one name", entry.path());
  bytes += entry.file_size(error);
  return {};
}

Result<Application> unpacked(const fs::path& image, const fs::path& folder) {
  const fs::path log = fs::path(folder.string() + ".log");
  const auto done = system::run_program({"fsck.erofs", "--extract=" + folder.string(), "--no-preserve", image.string()},
                                        log, kUnpackMax);
  if (!done) return std::unexpected(done.error());
  TRY(require_fit_tree(folder));
  return parse_application(TRY(system::read_file(folder / kManifestName, kManifestBytesMax)));
}

}  // namespace

Result<void> require_fit_tree(const fs::path& folder, std::uintmax_t bytes_max) {
  std::uintmax_t bytes = 0;
  std::size_t files = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    TRY(require_fit_entry(*at, bytes));
    if (++files > kTreeFilesMax || bytes > bytes_max) {
      return fail(Next::Exhausted, kTreeUnfit,
                  cat("expected at most ", kTreeFilesMax, " files and ", bytes_max, " bytes, saw more"));
    }
  }
  return error ? unfit("a tree that can be read", folder) : Result<void>();
}

Result<Application> unpack(const fs::path& image, const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  auto out = unpacked(image, folder);
  if (!out) fs::remove_all(folder, ignored);
  return out;
}

}  // namespace holdfast::linux::apps
