#include "trust/tuf/director_targets.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/tuf/device_release.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "director-targets";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTypeBytesMax = 48;

Result<void> require_for(const DirectorTargets& targets, std::string_view catalog, std::string_view device) {
  if (targets.catalog == catalog && targets.device == device) return {};
  return fail(Next::Rejected, kDirectorTargetsForeign,
              cat("expected the targets of ", printable(device), " in ", printable(catalog), ", saw those of ",
                  printable(targets.device), " in ", printable(targets.catalog)));
}

}  // namespace

std::unexpected<Error> director_targets_malformed(std::string why) {
  return fail(Next::Rejected, kDirectorTargetsMalformed, std::move(why));
}

Result<DirectedImages> read_directed_images(const json::Value& value) {
  const json::Object* members = value.object();
  if (members == nullptr) return director_targets_malformed(cat("expected an object of images, saw ", value.kind()));
  if (members->size() > kDirectedImagesMax) {
    return director_targets_malformed(cat("expected at most ", kDirectedImagesMax, " images, saw ", members->size()));
  }
  DirectedImages out;
  for (const json::Member& member : *members) {
    if (member.name.empty() || member.name.size() > kTargetPathBytesMax) {
      return director_targets_malformed(cat("expected the path of a target, saw '", printable(member.name, 80), "'"));
    }
    auto fields = TRY(json::Fields::of(member.value, "image"));
    DirectedImage image;
    image.length = TRY(fields.integer("length", 1, kLengthMax));
    image.sha256 = TRY(fields.digest256("sha256"));
    TRY(fields.done());
    out.emplace(member.name, image);
  }
  return out;
}

json::Value write_directed_images(const DirectedImages& images) {
  json::Object out;
  for (const auto& [path, image] : images) {
    out.emplace_back(path, json::Object{{"length", image.length}, {"sha256", to_hex(image.sha256)}});
  }
  return out;
}

Result<DirectorTargets> read_director_targets(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kTypeBytesMax));
  if (type != kType)
    return director_targets_malformed(cat("expected a document of type ", kType, ", saw ", printable(type)));
  TRY(fields.integer("format", kFormat, kFormat));
  DirectorTargets out;
  out.catalog = TRY(fields.text("catalog", kCatalogBytesMax));
  out.device = TRY(fields.text("device", kDeviceBytesMax));
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.expires = TRY(fields.time("expires"));
  out.images = TRY(read_directed_images(*TRY(fields.value("images"))));
  TRY(fields.done());
  return out;
}

Result<Verified<DirectorTargets>> verify_director_targets(Bytes envelope, const Verified<TrustPolicy>& policy,
                                                          std::string_view device, std::int64_t version_seen) {
  if (!policy->director) {
    return fail(Next::Denied, kDirectorMissing, "expected a trust policy that names a director, saw one without");
  }
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_threshold(parsed, policy->director->keys, policy->director->role));
  DirectorTargets targets = TRY(read_director_targets(parsed));
  TRY(require_for(targets, policy->catalog, device));
  if (targets.version < version_seen) {
    return fail(Next::Rejected, kDirectorTargetsRolledBack,
                cat("expected the director's targets ", version_seen, " or later, saw ", targets.version));
  }
  return Verified<DirectorTargets>(std::move(targets), Proof());
}

Result<void> require_released(std::string_view path, const DirectedImage& directed,
                              const std::optional<Target>& released) {
  const bool is_same = released && released->length == directed.length && released->hashes.sha256 == directed.sha256;
  if (is_same) return {};
  const std::string seen = !released ? std::string("none")
                                     : cat("one of ", released->length, " bytes with SHA-256 ",
                                           released->hashes.sha256 ? to_hex(*released->hashes.sha256) : "unknown");
  return fail(Next::Rejected, kImageUnreleased,
              cat("expected the owner to have released ", printable(path), " with ", directed.length,
                  " bytes and SHA-256 ", to_hex(directed.sha256), ", saw ", seen));
}

Result<Envelope> make_director_targets(const DirectorTargets& targets) {
  Envelope envelope = TRY(make_envelope(json::Object{{"_type", kType},
                                                     {"format", kFormat},
                                                     {"catalog", targets.catalog},
                                                     {"device", targets.device},
                                                     {"version", targets.version},
                                                     {"expires", to_rfc3339(targets.expires)},
                                                     {"images", write_directed_images(targets.images)}}));
  TRY(read_director_targets(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
