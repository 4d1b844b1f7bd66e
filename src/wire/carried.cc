#include "wire/carried.h"

#include <algorithm>

#include "base/percent.h"
#include "base/text.h"

namespace holdfast::wire {
namespace {

/// A name as one segment, which also names its file.
std::string segment(std::string_view name) {
  if (name == "." || name == "..") return name == "." ? "%2E" : "%2E%2E";
  return percent_encoded(name);
}

}  // namespace

std::string carried_folder(std::string_view catalog) { return cat(kCarriedFolder, "/", segment(catalog)); }

std::string carried_trust_policy(std::string_view catalog) {
  return cat(carried_folder(catalog), "/trust-policy.json");
}

std::string carried_word(std::string_view catalog, const trust::tuf::Audience& audience) {
  const std::string folder = carried_folder(catalog);
  if (!audience.device.empty()) return cat(folder, "/devices/", segment(audience.device), ".json");
  if (audience.product.empty()) return cat(folder, "/all.json");
  return cat(folder, "/groups/", segment(audience.product), "/", segment(audience.device_group), ".json");
}

bool is_carried_path(std::string_view path) {
  if (path.empty() || path.size() > kCarriedPathBytesMax) return false;
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; };
  return std::ranges::all_of(path, is_visible) && std::ranges::none_of(split(path, '/'), [](std::string_view one) {
           return one.empty() || one == "." || one == "..";
         });
}

}  // namespace holdfast::wire
