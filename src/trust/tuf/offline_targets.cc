#include "trust/tuf/offline_targets.h"

#include "base/text.h"
#include "trust/tuf/device_release.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "offline-targets";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTypeBytesMax = 48;

Result<Audience> audience_from(json::Fields fields) {
  Audience out;
  const bool names_device = fields.has("device");
  const bool names_product = fields.has("product");
  const bool names_group = fields.has("device_group");
  if (names_device) out.device = TRY(fields.text("device", kDeviceBytesMax));
  if (names_product) out.product = TRY(fields.text("product", kGroupBytesMax));
  if (names_group) out.device_group = TRY(fields.text("device_group", kGroupBytesMax));
  TRY(fields.done());
  const bool is_whole = names_device != out.device.empty() && names_product != out.product.empty() &&
                        names_group != out.device_group.empty();
  if (is_whole && names_product == names_group && !(names_device && names_product)) return out;
  return director_targets_malformed("expected a device, or a product with its device group, or neither, saw another");
}

json::Value to_json(const Audience& audience) {
  json::Object out;
  if (!audience.device.empty()) out.emplace_back("device", audience.device);
  if (!audience.product.empty()) out.emplace_back("product", audience.product);
  if (!audience.device_group.empty()) out.emplace_back("device_group", audience.device_group);
  return out;
}

bool is_for(const Audience& audience, const Recipient& recipient) {
  if (!audience.device.empty()) return audience.device == recipient.device;
  return audience.product.empty() ||
         (audience.product == recipient.product && audience.device_group == recipient.device_group);
}

/// Of the offline director's keys. What a service signed is told apart, since somebody put it here.
Result<void> require_offline_director(const Envelope& parsed, const TrustPolicy& policy) {
  if (!policy.offline_director) {
    return fail(Next::Denied, kDirectorMissing,
                "expected a trust policy that names an offline director, saw one without");
  }
  const Director& offline = policy.offline_director->director;
  auto signed_by_it = require_threshold(parsed, offline.keys, offline.role);
  const bool is_online = policy.director && !signers(parsed, policy.director->keys, policy.director->role).empty();
  if (signed_by_it || !is_online) return signed_by_it;
  return fail(Next::Denied, kOfflineTargetsOnline,
              "expected the word of the offline director, saw one that a service's director signed, which counts from "
              "a service alone");
}

}  // namespace

std::string in_words(const Audience& audience) {
  if (!audience.device.empty()) return printable(audience.device);
  if (audience.product.empty()) return "every device";
  return cat("the group ", printable(audience.device_group), " of ", printable(audience.product));
}

Result<OfflineTargets> read_offline_targets(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kTypeBytesMax));
  if (type != kType) {
    return director_targets_malformed(cat("expected a document of type ", kType, ", saw ", printable(type)));
  }
  TRY(fields.integer("format", kFormat, kFormat));
  OfflineTargets out;
  out.catalog = TRY(fields.text("catalog", kCatalogBytesMax));
  out.audience = TRY(audience_from(TRY(fields.object("audience"))));
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.issued = TRY(fields.time("issued"));
  out.expires = TRY(fields.time("expires"));
  out.images = TRY(read_directed_images(*TRY(fields.value("images"))));
  TRY(fields.done());
  if (out.expires > out.issued && out.expires - out.issued <= kOfflineLifeMax) return out;
  return director_targets_malformed(cat("expected an end within ", to_text(kOfflineLifeMax), " of ",
                                        to_rfc3339(out.issued), ", saw ", to_rfc3339(out.expires)));
}

Result<Verified<DirectorTargets>> verify_offline_targets(Bytes envelope, const Verified<TrustPolicy>& policy,
                                                         const Recipient& recipient, std::int64_t version_seen) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_offline_director(parsed, *policy));
  OfflineTargets word = TRY(read_offline_targets(parsed));
  if (word.catalog != policy->catalog || !is_for(word.audience, recipient)) {
    return fail(Next::Rejected, kDirectorTargetsForeign,
                cat("expected the targets of ", printable(recipient.device), " in ", printable(policy->catalog),
                    ", saw those of ", in_words(word.audience), " in ", printable(word.catalog)));
  }
  if (word.version < version_seen) {
    return fail(Next::Rejected, kDirectorTargetsRolledBack,
                cat("expected the offline director's targets ", version_seen, " or later, saw ", word.version));
  }
  DirectorTargets out;
  out.catalog = std::move(word.catalog);
  out.device = recipient.device;
  out.version = word.version;
  out.expires = word.expires;
  out.images = std::move(word.images);
  return Verified<DirectorTargets>(std::move(out), Proof());
}

Result<Envelope> make_offline_targets(const OfflineTargets& targets) {
  Envelope envelope = TRY(make_envelope(json::Object{{"_type", kType},
                                                     {"format", kFormat},
                                                     {"catalog", targets.catalog},
                                                     {"audience", to_json(targets.audience)},
                                                     {"version", targets.version},
                                                     {"issued", to_rfc3339(targets.issued)},
                                                     {"expires", to_rfc3339(targets.expires)},
                                                     {"images", write_directed_images(targets.images)}}));
  TRY(read_offline_targets(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
