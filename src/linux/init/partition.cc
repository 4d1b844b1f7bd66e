#include "linux/init/partition.h"

#include <optional>

#include "base/text.h"
#include "linux/system/kernel_file.h"

namespace holdfast::linux::init {
namespace {

constexpr std::size_t kUeventBytesMax = 4096;

std::optional<std::string> value_of(std::string_view uevent, std::string_view name) {
  for (const std::string_view line : split(uevent, '\n')) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with('=')) {
      return std::string(line.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> partition_named(std::string_view name, const std::filesystem::path& blocks) {
  std::vector<std::string> found;
  std::error_code problem;
  for (const auto& one : std::filesystem::directory_iterator(blocks, problem)) {
    const auto uevent = system::read_kernel_file(one.path() / "uevent", kUeventBytesMax);
    if (!uevent || value_of(as_text(*uevent), "PARTNAME") != name) continue;
    if (const auto device = value_of(as_text(*uevent), "DEVNAME")) found.push_back(cat("/dev/", *device));
  }
  if (found.size() == 1) return found.front();
  return fail(Next::NotFound, kPartitionMissing, cat("expected one partition named ", name, ", saw ", found.size()));
}

}  // namespace holdfast::linux::init
