#include "base/encoding.h"
#include "base/json/fields.h"
#include "device/record/records.h"
#include "trust/crypto/hash.h"

namespace holdfast::device::record {
namespace {

constexpr json::Limits kLimits = {.bytes_max = ports::kDiskRecordBytesMax};
constexpr std::size_t kKeyBlobBytesMax = 4096;
constexpr std::size_t kConfirmationBytesMax = 16 * 1024;

Blob written(json::Object members) { return to_blob(as_bytes(json::dump(json::Value(std::move(members))))); }

json::Value to_json(const ports::VaultKey& key) {
  return json::Object{{"public", to_base64(key.public_area)}, {"private", to_base64(key.private_blob)}};
}

Result<ports::VaultKey> key_of(json::Fields& fields, std::string_view name) {
  auto members = TRY(fields.object(name));
  ports::VaultKey key;
  key.public_area = TRY(members.base64("public", kKeyBlobBytesMax));
  key.private_blob = TRY(members.base64("private", kKeyBlobBytesMax));
  return key;
}

json::Value to_json(const std::optional<Digest256>& digest) {
  return digest ? json::Value(to_hex(*digest)) : json::Value();
}

Result<std::optional<Digest256>> optional_digest(json::Fields& fields, std::string_view name) {
  if (!fields.has(name)) return std::optional<Digest256>();
  return std::optional<Digest256>(TRY(fields.digest256(name)));
}

}  // namespace

Result<Ticket> Ticket::decode(Bytes file) {
  auto ticket = TRY(wire::ClaimTicket::decode(file));
  return Ticket{std::move(ticket), trust::crypto::sha256(file), Secret(file)};
}

Result<Owner> Owner::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  Owner out;
  out.root = TRY(fields.digest256("root_sha256"));
  out.catalog = TRY(fields.text("catalog", wire::kNameBytesMax));
  out.services = TRY(fields.texts("services", wire::kServicesMax, wire::kUrlBytesMax));
  out.ticket = TRY(optional_digest(fields, "ticket_sha256"));
  if (!fields.has("service_ca")) return out;
  out.service_ca = TRY(fields.base64("service_ca", trust::tuf::kCertificateBytesMax));
  out.trust_policy.version = TRY(fields.integer("trust_policy", 1, trust::tuf::kVersionMax));
  out.trust_policy.signed_digest = TRY(fields.digest256("trust_policy_sha256"));
  return out;
}

Blob Owner::encode() const {
  json::Array urls;
  for (const std::string& url : services) urls.emplace_back(url);
  json::Object members = {{"root_sha256", to_hex(root)},
                          {"catalog", catalog},
                          {"services", std::move(urls)},
                          {"ticket_sha256", to_json(ticket)}};
  if (!service_ca.empty()) {
    members.emplace_back("service_ca", to_base64(service_ca));
    members.emplace_back("trust_policy", trust_policy.version);
    members.emplace_back("trust_policy_sha256", to_hex(trust_policy.signed_digest));
  }
  return written(std::move(members));
}

Result<Identity> Identity::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  Identity out;
  out.device = TRY(fields.text("device", wire::kNameBytesMax));
  out.catalog = TRY(fields.text("catalog", wire::kNameBytesMax));
  out.product = TRY(fields.text("product", wire::kNameBytesMax));
  out.device_group = TRY(fields.text("device_group", wire::kNameBytesMax));
  out.ticket = TRY(optional_digest(fields, "ticket_sha256"));
  return out;
}

Blob Identity::encode() const {
  return written({{"device", device},
                  {"catalog", catalog},
                  {"product", product},
                  {"device_group", device_group},
                  {"ticket_sha256", to_json(ticket)}});
}

Result<Release> Release::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  Release out;
  out.confirmation = TRY(fields.base64("confirmation", kConfirmationBytesMax));
  out.services = TRY(fields.texts("services", wire::kServicesMax, wire::kUrlBytesMax));
  out.service_ca = TRY(fields.base64("service_ca", trust::tuf::kCertificateBytesMax));
  out.expires = TRY(fields.time("expires"));
  out.attestation_key = TRY(fields.digest256("attestation_key_sha256"));
  out.old_ticket = TRY(optional_digest(fields, "old_ticket_sha256"));
  out.is_told = TRY(fields.boolean("is_told"));
  return out;
}

Blob Release::encode() const {
  json::Array urls;
  for (const std::string& url : services) urls.emplace_back(url);
  return written({{"confirmation", to_base64(confirmation)},
                  {"services", std::move(urls)},
                  {"service_ca", to_base64(service_ca)},
                  {"expires", to_rfc3339(expires)},
                  {"attestation_key_sha256", to_hex(attestation_key)},
                  {"old_ticket_sha256", to_json(old_ticket)},
                  {"is_told", is_told}});
}

Result<AttestationKey> AttestationKey::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  AttestationKey out;
  out.key = TRY(key_of(fields, "key"));
  return out;
}

Blob AttestationKey::encode() const { return written({{"key", to_json(key)}}); }

Result<TlsKeys> TlsKeys::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  auto client = TRY(key_of(fields, "client"));
  auto update = TRY(key_of(fields, "update"));
  return TlsKeys{std::move(client), std::move(update)};
}

Blob TlsKeys::encode() const { return written({{"client", to_json(client)}, {"update", to_json(update)}}); }

const wire::IssuedCertificate* Attested::certificate() const {
  if (result.client_certificate) return &*result.client_certificate;
  return result.update_certificate ? &*result.update_certificate : nullptr;
}

Result<Attested> Attested::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  Attested out;
  out.result = TRY(wire::AttestResult::decode(as_bytes(json::dump(*TRY(fields.value("result"))))));
  out.boot_count = TRY(fields.integer("boot_count", 0, INT64_MAX));
  out.at.ms = TRY(fields.integer("at_ms", 0, INT64_MAX));
  out.wall.ms = TRY(fields.integer("wall_ms", INT64_MIN, INT64_MAX));
  out.renew_after = Duration(TRY(fields.integer("renew_after_ms", 0, INT64_MAX)));
  return out;
}

Blob Attested::encode() const {
  // Our own encoder wrote it, so that it parses.
  json::Value encoded = *json::parse(result.encode(), kLimits);
  return written({{"result", std::move(encoded)},
                  {"boot_count", boot_count},
                  {"at_ms", at.ms},
                  {"wall_ms", wall.ms},
                  {"renew_after_ms", std::int64_t{renew_after.count()}}});
}

Result<AuditSeen> AuditSeen::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  AuditSeen out;
  out.head.sequence = TRY(fields.integer("sequence", 0, INT64_MAX));
  out.head.hash = TRY(fields.digest256("hash"));
  return out;
}

Blob AuditSeen::encode() const { return written({{"sequence", head.sequence}, {"hash", to_hex(head.hash)}}); }

Result<Trouble> Trouble::decode(Bytes record) {
  const json::Value value = TRY(json::parse(record, kLimits));
  auto fields = TRY(json::Fields::of(value, kName));
  Trouble out;
  out.activity = TRY(fields.text("activity", wire::kNameBytesMax));
  out.reason = TRY(fields.text("reason", wire::kNameBytesMax));
  out.message = TRY(fields.text("message", kTroubleBytesMax));
  out.since.ms = TRY(fields.integer("since_ms", INT64_MIN, INT64_MAX));
  return out;
}

Blob Trouble::encode() const {
  return written({{"activity", activity}, {"reason", reason}, {"message", message}, {"since_ms", since.ms}});
}

}  // namespace holdfast::device::record
