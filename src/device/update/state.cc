#include "device/update/state.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/tuf/targets.h"

namespace holdfast::device::update {
namespace {

using trust::tuf::kTargetPathBytesMax;
using trust::tuf::kVersionMax;

constexpr std::size_t kComponentsMax = 64;
constexpr std::int64_t kTriesMax = 1'000'000;
constexpr std::array<std::string_view, 3> kStages = {"writing", "staged", "trying"};
constexpr std::array<std::string_view, 2> kPlaces = {"a", "b"};

Result<Stage> stage_from(std::string_view word) {
  const auto* const found = std::ranges::find(kStages, word);
  if (found != kStages.end()) return static_cast<Stage>(found - kStages.begin());
  return fail(Next::Corrupt, json::kJsonShape, cat("expected a stage of an update, saw '", printable(word), "'"));
}

Result<Holding> holding_of(json::Fields& fields, std::string_view name) {
  auto members = TRY(fields.object(name));
  Holding out;
  out.sha256 = TRY(members.digest256("sha256"));
  out.length = TRY(members.integer("length", 1, trust::tuf::kLengthMax));
  out.version = TRY(members.text("version", trust::update::kImageVersionBytesMax));
  out.security_version = TRY(members.integer("security_version", 0, kVersionMax));
  out.kind = TRY(trust::update::image_kind_from(TRY(members.text("kind", wire::kNameBytesMax))));
  out.needs = TRY(trust::update::needs_from(members));
  if (members.has("floor")) out.floor = TRY(trust::update::kept_floor_word_from(TRY(members.object("floor"))));
  if (members.has("close_fallback_s")) out.close_fallback = TRY(trust::update::close_fallback_from(members));
  return out;
}

json::Value to_json(const Holding& holding) {
  json::Object out{{"sha256", to_hex(holding.sha256)},
                   {"length", holding.length},
                   {"version", holding.version},
                   {"security_version", holding.security_version},
                   {"kind", trust::update::name_of(holding.kind)},
                   {"needs", trust::update::to_json(holding.needs)}};
  if (holding.floor) out.emplace_back("floor", trust::update::to_json(*holding.floor));
  if (holding.close_fallback)
    out.emplace_back("close_fallback_s", std::chrono::duration_cast<seconds>(*holding.close_fallback).count());
  return out;
}

Result<std::optional<Ending>> ending_of(json::Fields& fields) {
  if (!fields.has("ending")) return std::optional<Ending>();
  auto members = TRY(fields.object("ending"));
  Ending out;
  out.is_image = TRY(members.boolean("is_image"));
  out.reason = TRY(members.text("reason", wire::kUpdateReasonBytesMax));
  return std::optional(std::move(out));
}

Result<std::optional<Attempt>> attempt_of(json::Fields& fields) {
  if (!fields.has("attempt")) return std::optional<Attempt>();
  auto members = TRY(fields.object("attempt"));
  Attempt out;
  out.image = TRY(members.text("image", kTargetPathBytesMax));
  out.holding = TRY(holding_of(members, "holding"));
  out.director = TRY(members.integer("director", 0, kVersionMax));
  out.stage = TRY(stage_from(TRY(members.text("stage", wire::kNameBytesMax))));
  out.tries = static_cast<int>(TRY(members.integer("tries", 0, kTriesMax)));
  out.waits = static_cast<int>(TRY(members.integer("waits", 0, kTriesMax)));
  out.was_up = TRY(members.boolean("was_up"));
  if (members.has("was_unhealthy")) out.was_unhealthy = TRY(members.boolean("was_unhealthy"));
  out.is_suspect = TRY(members.boolean("is_suspect"));
  out.boot = TRY(members.integer("boot", 0, INT64_MAX));
  out.since.ms = TRY(members.integer("since_ms", 0, INT64_MAX));
  out.ending = TRY(ending_of(members));
  return std::optional(std::move(out));
}

json::Value to_json(const std::optional<Attempt>& attempt) {
  if (!attempt) return {};
  json::Object out{{"image", attempt->image},
                   {"holding", to_json(attempt->holding)},
                   {"director", attempt->director},
                   {"stage", kStages[static_cast<std::size_t>(attempt->stage)]},
                   {"tries", attempt->tries},
                   {"waits", attempt->waits},
                   {"was_up", attempt->was_up},
                   {"is_suspect", attempt->is_suspect},
                   {"boot", attempt->boot},
                   {"since_ms", attempt->since.ms},
                   {"was_unhealthy", attempt->was_unhealthy}};
  if (attempt->ending) {
    out.emplace_back("ending",
                     json::Object{{"is_image", attempt->ending->is_image}, {"reason", attempt->ending->reason}});
  }
  return out;
}

Result<std::optional<Failure>> failure_of(json::Fields& fields) {
  if (!fields.has("failed")) return std::optional<Failure>();
  auto members = TRY(fields.object("failed"));
  Failure out;
  out.image = TRY(members.text("image", kTargetPathBytesMax));
  out.sha256 = TRY(members.digest256("sha256"));
  out.director = TRY(members.integer("director", 0, kVersionMax));
  out.reason = TRY(members.text("reason", wire::kUpdateReasonBytesMax));
  return std::optional(std::move(out));
}

json::Value to_json(const std::optional<Failure>& failed) {
  if (!failed) return {};
  return json::Object{{"image", failed->image},
                      {"sha256", to_hex(failed->sha256)},
                      {"director", failed->director},
                      {"reason", failed->reason}};
}

Result<wire::ImageCounts> counts_from(const json::Value& value, const std::string& component) {
  auto members = TRY(json::Fields::of(value, "counts"));
  wire::ImageCounts out;
  out.component = component;
  out.version = TRY(members.text("version", wire::kNameBytesMax));
  for (auto [name, number] : {std::pair{"boots", &out.boots},
                              {"failed_boots", &out.failed_boots},
                              {"fallbacks", &out.fallbacks},
                              {"exits", &out.exits},
                              {"crashes", &out.crashes}}) {
    *number = TRY(members.integer(name, 0, INT64_MAX));
  }
  return out;
}

json::Value to_json(const wire::ImageCounts& counts) {
  return json::Object{{"version", counts.version},     {"boots", counts.boots}, {"failed_boots", counts.failed_boots},
                      {"fallbacks", counts.fallbacks}, {"exits", counts.exits}, {"crashes", counts.crashes}};
}

Result<ComponentState> component_from(const json::Value& value, const std::string& name) {
  auto fields = TRY(json::Fields::of(value, "component"));
  ComponentState out;
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    if (fields.has(kPlaces[i])) out.places[i] = TRY(holding_of(fields, kPlaces[i]));
  }
  out.attempt = TRY(attempt_of(fields));
  out.failed = TRY(failure_of(fields));
  if (fields.has("kept_at")) out.kept_at = TRY(fields.time("kept_at"));
  for (const json::Value& one : *TRY(fields.array("counts", kCountedVersionsMax))) {
    out.counts.push_back(TRY(counts_from(one, name)));
  }
  if (fields.has("wear")) {
    auto wear = TRY(fields.object("wear"));
    out.wear.day = TRY(wear.integer("day", 0, INT64_MAX));
    out.wear.fills = TRY(wear.integer("fills", 0, INT64_MAX));
  }
  return out;
}

json::Value to_json(const ComponentState& component) {
  json::Array counts;
  for (const auto& one : component.counts) counts.push_back(to_json(one));
  json::Object out{
      {"attempt", to_json(component.attempt)}, {"failed", to_json(component.failed)}, {"counts", std::move(counts)}};
  if (component.kept_at) out.emplace_back("kept_at", to_rfc3339(*component.kept_at));
  if (component.wear.fills > 0) {
    out.emplace_back("wear", json::Object{{"day", component.wear.day}, {"fills", component.wear.fills}});
  }
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    if (component.places[i]) out.emplace_back(kPlaces[i], to_json(*component.places[i]));
  }
  return out;
}

}  // namespace

Result<State> State::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, {.bytes_max = ports::kDiskRecordBytesMax}));
  auto fields = TRY(json::Fields::of(value, kStateRecord));
  State out;
  out.director = TRY(fields.integer("director", 0, kVersionMax));
  if (fields.has("offline_director")) out.offline_director = TRY(fields.integer("offline_director", 0, kVersionMax));
  if (fields.has("follows_medium")) out.follows_medium = TRY(fields.boolean("follows_medium"));
  out.counted_boot = TRY(fields.integer("counted_boot", -1, INT64_MAX));
  if (fields.has("good_until")) out.good_until = TRY(fields.time("good_until"));
  const json::Value* components = TRY(fields.value("components"));
  const json::Object* members = components->object();
  if (members == nullptr || members->size() > kComponentsMax) {
    return fail(Next::Corrupt, json::kJsonShape, cat("expected at most ", kComponentsMax, " components by name"));
  }
  for (const json::Member& member : *members) {
    ComponentState component = TRY(component_from(member.value, member.name));
    out.components.emplace(member.name, std::move(component));
  }
  return out;
}

Blob State::encode() const {
  json::Object members;
  for (const auto& [name, component] : components) members.emplace_back(name, to_json(component));
  json::Object out{{"director", director},
                   {"offline_director", offline_director},
                   {"follows_medium", follows_medium},
                   {"counted_boot", counted_boot},
                   {"components", std::move(members)}};
  if (good_until) out.emplace_back("good_until", to_rfc3339(*good_until));
  return to_blob(as_bytes(json::dump(json::Value(std::move(out)))));
}

wire::ImageCounts& counts_of(State& state, const std::string& component, const std::string& version) {
  auto& counts = state.components[component].counts;
  const auto known = std::ranges::find(counts, version, &wire::ImageCounts::version);
  if (known != counts.end()) return *known;
  if (counts.size() == kCountedVersionsMax) counts.erase(counts.begin());
  wire::ImageCounts fresh;
  fresh.component = component;
  fresh.version = version;
  counts.push_back(std::move(fresh));
  return counts.back();
}

}  // namespace holdfast::device::update
