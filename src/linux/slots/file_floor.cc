#include "linux/slots/file_floor.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/json/value.h"
#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::slots {
namespace {

constexpr std::size_t kFloorBytesMax = 16 * 1024;

using Floors = std::map<std::string, std::int64_t, std::less<>>;

Result<Floors> read_floors(const std::filesystem::path& file) {
  const auto bytes = system::read_file(file, kFloorBytesMax);
  if (!bytes && bytes.error().reason == system::kFileMissing) return Floors{};
  if (!bytes) return std::unexpected(bytes.error());
  const auto value = json::parse(*bytes, {.bytes_max = kFloorBytesMax});
  const json::Object* members = value ? value->object() : nullptr;
  Floors out;
  bool is_whole = members != nullptr;
  for (std::size_t i = 0; is_whole && i < members->size(); ++i) {
    const std::int64_t* number = (*members)[i].value.integer();
    is_whole = number != nullptr;
    if (is_whole) out.emplace((*members)[i].name, *number);
  }
  if (is_whole) return out;
  return fail(Next::Denied, ports::kFloorMissing,
              cat("expected the floor that was laid in ", printable(file.string()), ", saw something else"));
}

}  // namespace

Result<std::int64_t> FileFloor::read(std::string_view component) {
  const Floors floors = TRY(read_floors(file_));
  const auto found = floors.find(component);
  return found == floors.end() ? 0 : found->second;
}

Result<void> FileFloor::raise(std::string_view component, std::int64_t security_version,
                              const ports::FloorWord* /*word*/) {
  auto floors = read_floors(file_);
  if (!floors && floors.error().reason != ports::kFloorMissing) return std::unexpected(floors.error());
  Floors raised = floors ? *std::move(floors) : Floors{};
  std::int64_t& floor = raised[std::string(component)];
  if (floors && floor >= security_version) return {};
  floor = std::max(floor, security_version);
  json::Object members;
  for (const auto& [name, number] : raised) members.emplace_back(name, number);
  return system::write_file(file_, as_bytes(json::dump(json::Value(std::move(members)))), system::FileMode::Private);
}

}  // namespace holdfast::linux::slots
