#include "trust/appraisal/reference_set.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::size_t kSourceBytesMax = 16;
constexpr std::size_t kNodesPerEvent = 4;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kReferenceSetMalformed, std::move(message));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Result<ReferenceEvent> event_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "event"));
  ReferenceEvent out;
  out.pcr = static_cast<std::uint8_t>(TRY(fields.integer("pcr", 0, kPcrsQuoted - 1)));
  out.digest = TRY(fields.digest256("digest"));
  out.description = TRY(fields.text("description", kDescriptionBytesMax));
  TRY(fields.done());
  return out;
}

Result<ReferenceSource> source_from(json::Fields& fields) {
  if (!fields.has("source")) {
    fields.ignore("source");
    return ReferenceSource::Image;
  }
  const std::string name = TRY(fields.text("source", kSourceBytesMax));
  for (const ReferenceSource source : {ReferenceSource::Image, ReferenceSource::Baseline}) {
    if (name == name_of(source)) return source;
  }
  return malformed(cat("source: expected image or baseline, saw ", printable(name)));
}

}  // namespace

std::string_view name_of(ReferenceSource source) { return source == ReferenceSource::Image ? "image" : "baseline"; }

Result<void> require_component_name(std::string_view name) {
  const auto is_inner = [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; };
  if (!name.empty() && name.size() <= kComponentBytesMax && std::ranges::all_of(name, is_inner) &&
      is_lower_or_digit(name.front()) && is_lower_or_digit(name.back())) {
    return {};
  }
  return malformed(cat("expected a component's name of 1 to ", kComponentBytesMax,
                       " lower-case letters, digits, '.' and '-', saw '", printable(name, 60), "'"));
}

Result<void> require_component_version(std::string_view version) {
  const auto is_graph = [](char c) { return c > ' ' && c < 0x7F; };
  if (!version.empty() && version.size() <= kComponentVersionBytesMax && std::ranges::all_of(version, is_graph)) {
    return {};
  }
  return malformed(cat("expected a version of 1 to ", kComponentVersionBytesMax, " printable characters, saw '",
                       printable(version, 80), "'"));
}

Result<ReferenceSet> reference_set_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "reference set"));
  ReferenceSet out;
  out.component = TRY(fields.text("component", kComponentBytesMax));
  TRY(require_component_name(out.component));
  out.version = TRY(fields.text("version", kComponentVersionBytesMax));
  TRY(require_component_version(out.version));
  out.security_version = TRY(fields.integer("security_version", 0, kSecurityVersionMax));
  out.source = TRY(source_from(fields));
  const json::Array& events = *TRY(fields.array("events", kReferenceEventsMax));
  if (events.empty()) return malformed("expected at least one event, saw none");
  out.events.reserve(events.size());
  for (const json::Value& event : events) out.events.push_back(TRY(event_from(event)));
  TRY(fields.done());
  return out;
}

Result<ReferenceSet> parse_reference_set(Bytes json_text) {
  const json::Limits limits{
      .bytes_max = kReferenceSetBytesMax, .depth_max = 8, .nodes_max = (kReferenceEventsMax + 2) * kNodesPerEvent};
  return reference_set_from(TRY(json::parse(json_text, limits)));
}

json::Value to_json(const ReferenceSet& set) {
  json::Array events;
  events.reserve(set.events.size());
  for (const ReferenceEvent& event : set.events) {
    events.push_back(
        json::Object{{"pcr", int{event.pcr}}, {"digest", to_hex(event.digest)}, {"description", event.description}});
  }
  return json::Object{{"component", set.component},
                      {"version", set.version},
                      {"security_version", set.security_version},
                      {"source", name_of(set.source)},
                      {"events", std::move(events)}};
}

}  // namespace holdfast::trust::appraisal
