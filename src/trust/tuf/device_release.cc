#include "trust/tuf/device_release.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "device-release";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTypeBytesMax = 48;
constexpr std::size_t kCatalogNameBytesMax = 48;

}  // namespace

Result<DeviceRelease> read_device_release(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kTypeBytesMax));
  if (type != kType) {
    return fail(Next::Rejected, kDeviceReleaseMalformed,
                cat("expected a document of type ", kType, ", saw ", printable(type)));
  }
  TRY(fields.integer("format", kFormat, kFormat));
  DeviceRelease out;
  out.catalog = TRY(fields.text("catalog", kCatalogNameBytesMax));
  out.device = TRY(fields.text("device", kDeviceBytesMax));
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.attestation_key = TRY(fields.digest256("attestation_key_sha256"));
  out.expires = TRY(fields.time("expires"));
  TRY(fields.done());
  out.signed_digest = crypto::sha256(envelope.to_be_signed);
  return out;
}

Result<Verified<DeviceRelease>> verify_device_release(Bytes envelope, const Verified<Root>& root,
                                                      std::string_view catalog, std::string_view device,
                                                      const Digest256& attestation_key, WallTime now) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_threshold(parsed, root->keys, root->role(RoleName::Root)));
  DeviceRelease release = TRY(read_device_release(parsed));
  if (release.catalog != catalog || release.device != device || release.attestation_key != attestation_key) {
    return fail(Next::Rejected, kDeviceReleaseForeign,
                cat("expected a release of ", printable(device), " with the attestation key ", to_hex(attestation_key),
                    ", saw one of ", printable(release.device), " with ", to_hex(release.attestation_key)));
  }
  TRY(require_unexpired("the release", release.expires, now));
  return Verified<DeviceRelease>(std::move(release), Proof());
}

Digest256 release_qualifying_data(const Digest256& signed_digest) {
  return crypto::sha256({as_bytes("holdfast-release-v1"), signed_digest});
}

Result<Envelope> make_device_release(const DeviceRelease& release) {
  Envelope envelope = TRY(make_envelope(json::Object{{"_type", kType},
                                                     {"format", kFormat},
                                                     {"catalog", release.catalog},
                                                     {"device", release.device},
                                                     {"version", release.version},
                                                     {"attestation_key_sha256", to_hex(release.attestation_key)},
                                                     {"expires", to_rfc3339(release.expires)}}));
  TRY(read_device_release(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
