#include "linux/init/panics.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/text.h"
#include "linux/system/kernel_file.h"

namespace holdfast::linux::init {
namespace {

/// By their names, which end with the number of the part: the last part is the beginning of what was kept.
Result<std::vector<std::filesystem::path>> parts_in(const std::filesystem::path& pstore) {
  std::vector<std::filesystem::path> out;
  std::error_code problem;
  for (const auto& one : std::filesystem::directory_iterator(pstore, problem)) out.push_back(one.path());
  std::ranges::sort(out, std::greater<>());
  if (!problem || problem == std::errc::no_such_file_or_directory) return out;
  return fail(Next::Retry, kPanicsFailed, cat("expected to look into ", pstore.string(), ", saw: ", problem.message()));
}

}  // namespace

Result<std::string> read_panics(const std::filesystem::path& pstore) {
  std::string out;
  for (const auto& part : TRY(parts_in(pstore))) {
    const Blob text = TRY(system::read_kernel_file(part, kPanicBytesMax));
    out += as_text(text);
    if (out.size() > kPanicBytesMax) out.resize(kPanicBytesMax);
  }
  return out;
}

Result<void> erase_panics(const std::filesystem::path& pstore) {
  for (const auto& part : TRY(parts_in(pstore))) {
    std::error_code problem;
    std::filesystem::remove(part, problem);
    if (problem) {
      return fail(Next::Retry, kPanicsFailed, cat("expected to erase ", part.string(), ", saw: ", problem.message()));
    }
  }
  return {};
}

std::string why_panicked(const std::string& log) {
  for (const std::string_view line : split(log, '\n')) {
    const std::size_t at = line.find("Kernel panic");
    if (at != std::string_view::npos) return printable(line.substr(at));
  }
  return {};
}

}  // namespace holdfast::linux::init
