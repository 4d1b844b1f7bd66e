#include "trust/update/image.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"
#include "trust/update/configuration.h"

namespace holdfast::trust::update {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"os", "application", "real-time", "configuration"};
constexpr std::string_view kNameAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view kVersionAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+~_-";

std::unexpected<Error> malformed(std::string why) { return fail(Next::Rejected, kImageMalformed, std::move(why)); }

bool is_of(std::string_view text, std::string_view alphabet, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && text.find_first_not_of(alphabet) == std::string_view::npos;
}

Result<void> require_name(std::string_view what, std::string_view name) {
  if (is_of(name, kNameAlphabet, kImageNameBytesMax)) return {};
  return malformed(cat("expected ", what, " of 1 to ", kImageNameBytesMax, " of a-z, 0-9 and hyphens, saw '",
                       printable(name, 60), "'"));
}

/// A component never changes between settings and what runs.
Result<void> require_kind(const Image& image) {
  const bool is_configuration = image.kind == ImageKind::Configuration;
  if (is_configuration == is_settings(image.component)) return {};
  return malformed(cat("expected ",
                       is_configuration ? "the component of settings, such as door-settings" : "no settings",
                       " as an image of kind ", name_of(image.kind), ", saw ", image.component));
}

Result<void> require_version(std::string_view version) {
  if (is_of(version, kVersionAlphabet, kImageVersionBytesMax)) return {};
  return malformed(cat("expected a version of 1 to ", kImageVersionBytesMax, " letters, digits and . + ~ _ -, saw '",
                       printable(version, 80), "'"));
}

Result<Need> need_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "need"));
  Need out;
  out.component = TRY(fields.text("component", kImageNameBytesMax));
  TRY(require_name("the component of a need", out.component));
  out.from = TRY(fields.integer("from", 0, tuf::kVersionMax));
  if (fields.has("to")) out.to = TRY(fields.integer("to", out.from, tuf::kVersionMax));
  TRY(fields.done());
  return out;
}

Result<std::vector<std::string>> hardware_from(json::Fields& fields) {
  auto out = TRY(fields.texts("hardware", kHardwareMax, kImageNameBytesMax));
  if (out.empty()) return malformed("expected the hardware that the image is for, saw none");
  for (const std::string& one : out) TRY(require_name("hardware", one));
  return out;
}

Result<tuf::MetaFile> manifest_from(json::Fields& fields) {
  auto members = TRY(fields.object("manifest"));
  tuf::MetaFile out;
  out.length = TRY(members.integer("length", 1, kManifestBytesMax));
  out.hashes = TRY(tuf::read_hashes(members));
  TRY(members.done());
  TRY(tuf::require_known_hash("the manifest", *out.hashes));
  return out;
}

std::string words_for(const Need& need) {
  return cat(need.component, " at security version ", need.from, need.to ? cat(" to ", *need.to) : " or later");
}

Result<void> require_need(const Need& need, const Installation& installation) {
  const auto running = installation.security_version.find(need.component);
  const bool is_there = running != installation.security_version.end();
  if (is_there && need.is_met_by(running->second)) return {};
  return fail(Next::Rejected, kImageNeedsUnmet,
              cat("expected ", words_for(need), ", saw ", is_there ? cat(running->second) : std::string("none")));
}

}  // namespace

Result<std::vector<Need>> needs_from(json::Fields& fields) {
  std::vector<Need> out;
  if (!fields.has("needs")) return out;
  for (const json::Value& value : *TRY(fields.array("needs", kNeedsMax))) {
    Need need = TRY(need_from(value));
    if (std::ranges::find(out, need.component, &Need::component) != out.end()) {
      return malformed(cat("expected one need of ", need.component, ", saw two"));
    }
    out.push_back(std::move(need));
  }
  return out;
}

json::Value to_json(const std::vector<Need>& needs) {
  json::Array out;
  for (const Need& need : needs) {
    json::Object members{{"component", need.component}, {"from", need.from}};
    if (need.to) members.emplace_back("to", *need.to);
    out.emplace_back(std::move(members));
  }
  return out;
}

Result<Duration> close_fallback_from(json::Fields& fields) {
  return seconds(
      TRY(fields.integer("close_fallback_s", 0, std::chrono::duration_cast<seconds>(kCloseFallbackMax).count())));
}

std::string_view name_of(ImageKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<ImageKind> image_kind_from(std::string_view word) {
  const auto* const found = std::ranges::find(kKinds, word);
  if (found != kKinds.end()) return static_cast<ImageKind>(found - kKinds.begin());
  return malformed(
      cat("expected the kind os, application, real-time or configuration, saw '", printable(word, 40), "'"));
}

bool operator==(const Image& a, const Image& b) {
  const auto members = [](const Image& one) {
    return std::tie(one.kind, one.product, one.hardware, one.component, one.version, one.security_version, one.needs,
                    one.floor, one.verity, one.close_fallback, one.manifest.length, one.manifest.hashes);
  };
  return members(a) == members(b);
}

Result<Image> image_from(const json::Value& custom) {
  auto fields = TRY(json::Fields::of(custom, "image"));
  Image out;
  out.kind = TRY(image_kind_from(TRY(fields.text("kind", kImageNameBytesMax))));
  out.product = TRY(fields.text("product", kImageNameBytesMax));
  TRY(require_name("a product", out.product));
  out.hardware = TRY(hardware_from(fields));
  out.component = TRY(fields.text("component", kImageNameBytesMax));
  TRY(require_name("a component", out.component));
  TRY(require_kind(out));
  out.version = TRY(fields.text("version", kImageVersionBytesMax));
  TRY(require_version(out.version));
  out.security_version = TRY(fields.integer("security_version", 0, tuf::kVersionMax));
  out.needs = TRY(needs_from(fields));
  if (fields.has("floor")) {
    out.floor = TRY(floor_word_from(TRY(fields.object("floor")), out.component, out.security_version));
  }
  if (fields.has("verity")) out.verity = TRY(verity_from(TRY(fields.object("verity"))));
  if (fields.has("close_fallback_s")) out.close_fallback = TRY(close_fallback_from(fields));
  out.manifest = TRY(manifest_from(fields));
  TRY(fields.done());
  return out;
}

Result<json::Value> to_json(const Image& image) {
  json::Array hardware;
  for (const std::string& one : image.hardware) hardware.emplace_back(one);
  json::Object out{{"kind", name_of(image.kind)},     {"product", image.product},
                   {"hardware", std::move(hardware)}, {"component", image.component},
                   {"version", image.version},        {"security_version", image.security_version}};
  if (!image.needs.empty()) out.emplace_back("needs", to_json(image.needs));
  if (image.floor) out.emplace_back("floor", to_json(*image.floor));
  if (image.verity) out.emplace_back("verity", to_json(*image.verity));
  if (image.close_fallback)
    out.emplace_back("close_fallback_s", std::chrono::duration_cast<seconds>(*image.close_fallback).count());
  out.emplace_back("manifest",
                   json::Object{{"length", image.manifest.length.value_or(0)},
                                {"hashes", tuf::write_hashes(image.manifest.hashes.value_or(tuf::Hashes{}))}});
  json::Value value = std::move(out);
  TRY(image_from(value));
  return value;
}

std::string image_path(std::string_view component, std::string_view version) {
  return cat(component, "/", version, "/image");
}

Result<void> require_place(const Image& image, std::string_view path) {
  const std::string expected = image_path(image.component, image.version);
  if (path == expected) return {};
  return fail(Next::Rejected, kImageMisplaced,
              cat("expected ", image.component, " ", image.version, " at ", expected, ", saw it at ", printable(path)));
}

Result<void> require_fit(const Image& image, const Installation& installation) {
  if (std::ranges::find(installation.supported, image.kind) == installation.supported.end()) {
    return fail(Next::Rejected, kImageNotSupported,
                cat("an image of kind ", name_of(image.kind), " is not supported by this device"));
  }
  if (image.product != installation.product) {
    return fail(Next::Rejected, kImageForOtherProduct,
                cat("expected an image for ", installation.product, ", saw one for ", image.product));
  }
  if (std::ranges::find(image.hardware, installation.hardware) == image.hardware.end()) {
    return fail(Next::Rejected, kImageForOtherHardware,
                cat("expected an image for ", installation.hardware, ", saw one for ", join(image.hardware, ", ")));
  }
  const auto floor = installation.floor.find(image.component);
  if (floor != installation.floor.end() && image.security_version < floor->second) {
    return fail(Next::Rejected, kImageBelowFloor,
                cat("expected ", image.component, " at security version ", floor->second, " or later, saw ",
                    image.security_version));
  }
  for (const Need& need : image.needs) TRY(require_need(need, installation));
  return {};
}

}  // namespace holdfast::trust::update
