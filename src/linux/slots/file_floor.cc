#include "linux/slots/file_floor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/json/value.h"
#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::slots {
namespace {

constexpr std::size_t kFloorBytesMax = 16 * 1024;

using Floors = std::map<std::string, std::int64_t, std::less<>>;

/// Nothing where they cannot be made out.
Result<std::optional<Floors>> read_floors(const std::filesystem::path& file) {
  const auto bytes = system::read_file(file, kFloorBytesMax);
  if (!bytes && bytes.error().reason == system::kFileMissing) return std::optional(Floors{});
  const bool is_no_file_of_ours =
      !bytes && (bytes.error().next == Next::Rejected || bytes.error().reason == system::kFileTooLarge);
  if (is_no_file_of_ours) return std::optional<Floors>();
  if (!bytes) return std::unexpected(bytes.error());
  const auto value = json::parse(*bytes, {.bytes_max = kFloorBytesMax});
  const json::Object* members = value ? value->object() : nullptr;
  if (members == nullptr) return std::optional<Floors>();
  Floors out;
  for (const json::Member& member : *members) {
    const std::int64_t* number = member.value.integer();
    if (number == nullptr || *number < 0) return std::optional<Floors>();
    out.emplace(member.name, *number);
  }
  return std::optional(std::move(out));
}

Result<void> write_floors(const std::filesystem::path& file, const Floors& floors) {
  json::Object members;
  for (const auto& [name, number] : floors) members.emplace_back(name, number);
  return system::write_file(file, as_bytes(json::dump(json::Value(std::move(members)))), system::FileMode::Private);
}

}  // namespace

Result<ports::FloorFacts> FileFloor::read(std::string_view component) {
  const auto floors = TRY(read_floors(file_));
  if (!floors) return ports::FloorFacts{.is_missing = true};
  const auto found = floors->find(component);
  return ports::FloorFacts{.lowest = found == floors->end() ? 0 : found->second};
}

Result<void> FileFloor::raise(std::string_view component, std::int64_t security_version,
                              const ports::FloorWord* /*word*/) {
  const ports::FloorFacts before = TRY(read(component));
  if (!before.is_missing && before.lowest >= security_version) return {};
  return remember(component, std::max(before.lowest, security_version));
}

Result<void> FileFloor::remember(std::string_view component, std::int64_t security_version) {
  const auto known = TRY(read_floors(file_));
  Floors floors = known.value_or(Floors{});
  const auto before = floors.find(component);
  if (known && before != floors.end() && before->second == security_version) return {};
  floors.insert_or_assign(std::string(component), security_version);
  return write_floors(file_, floors);
}

}  // namespace holdfast::linux::slots
