#include "programs/holdfast/local_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "linux/system/files.h"
#include "programs/holdfast/archive_file.h"

namespace holdfast::programs {
namespace {

namespace fs = std::filesystem;
namespace system = linux::system;

constexpr std::size_t kNamesMax = 10'000;

system::FileMode mode_of(cli::Access access) {
  return access == cli::Access::OwnerOnly ? system::FileMode::Private : system::FileMode::Public;
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unexpected<Error> unreadable(const std::string& path, int error) {
  const bool is_missing = error == ENOENT || error == ENOTDIR;
  return fail(is_missing                          ? Next::NotFound
              : error == EACCES || error == EPERM ? Next::Denied
                                                  : Next::Rejected,
              is_missing ? system::kFileMissing : system::kFileFailed,
              cat("expected to read ", printable(path), ", saw: ", std::strerror(error)));
}

}  // namespace

Result<Blob> LocalFiles::read(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(path, errno);
  Blob out;
  ByteArray<64 * 1024> part;
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0) {
    const std::size_t got = std::fread(part.data(), 1, part.size(), file.get());
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
    if (out.size() > bytes_max) {
      return fail(Next::Rejected, system::kFileTooLarge,
                  cat("expected at most ", bytes_max, " bytes in ", printable(path), ", saw more"));
    }
  }
  if (std::ferror(file.get()) != 0) return unreadable(path, errno);
  return out;
}

Result<Secret> LocalFiles::read_private(const std::string& path, std::size_t bytes_max) {
  return system::read_secret_file(path, bytes_max);
}

Result<void> LocalFiles::write(const std::string& path, Bytes bytes, cli::Access access) {
  return system::write_file(path, bytes, mode_of(access));
}

Result<void> LocalFiles::create(const std::string& path, Bytes bytes, cli::Access access) {
  return system::create_file(path, bytes, mode_of(access));
}

Result<void> LocalFiles::make_private_folder(const std::string& path) {
  const fs::path folder = fs::path(path).lexically_normal();
  const fs::path parent = (folder.has_filename() ? folder : folder.parent_path()).parent_path();
  std::error_code error;
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) return unreadable(parent.string(), error.value());
  return system::make_private_directory(folder);
}

Result<void> LocalFiles::make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return unreadable(path, error.value());
  return {};
}

Result<std::vector<std::string>> LocalFiles::names_in(const std::string& path) {
  std::error_code error;
  std::vector<std::string> out;
  for (fs::directory_iterator at(path, error), end; !error && at != end && out.size() < kNamesMax;
       at.increment(error)) {
    out.push_back(at->path().filename().string());
  }
  if (error) return unreadable(path, error.value());
  std::ranges::sort(out);
  return out;
}

Result<std::vector<std::string>> LocalFiles::files_below(const std::string& path) {
  std::error_code error;
  std::vector<std::string> out;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (!fs::is_regular_file(at->symlink_status(error)) || error) continue;
    if (out.size() == cli::kFilesBelowMax) {
      return fail(Next::Exhausted, system::kFileTooLarge,
                  cat("expected at most ", cli::kFilesBelowMax, " files below ", printable(path), ", saw more"));
    }
    out.push_back(at->path().lexically_relative(path).string());
  }
  if (error) return unreadable(path, error.value());
  std::ranges::sort(out);
  return out;
}

Result<void> LocalFiles::create_from(const std::string& path, const std::function<Result<Blob>()>& next) {
  ArchiveWriter file = TRY(ArchiveWriter::make(path));
  for (Blob part = TRY(next()); !part.empty(); part = TRY(next())) TRY(file.write(part));
  TRY(file.finish());
  std::error_code error;
  constexpr auto kEveryone =
      fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;
  fs::permissions(path, kEveryone, error);
  return error ? Result<void>(unreadable(path, error.value())) : Result<void>();
}

}  // namespace holdfast::programs
