#include "trust/tuf/trust_policy.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/tuf/device_release.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "trust-policy";
constexpr std::int64_t kFormat = 1;
constexpr std::string_view kDirector = "director";
constexpr std::string_view kOfflineDirector = "offline_director";
constexpr std::string_view kTimeFloor = "time_floor";
constexpr std::size_t kWordBytesMax = 64;
constexpr Duration kOfflineAfterMin = hours(1);
constexpr Duration kOfflineAfterMax = days(3650);
constexpr Duration kConfirmAfterMin = seconds(10);
constexpr Duration kConfirmAfterMax = hours(24);

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kTrustPolicyMalformed, std::move(message));
}

/// The same alphabet as in certificates (flow 2, "The client certificate").
bool is_catalog_name(std::string_view name) {
  const auto is_inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kCatalogBytesMax && std::ranges::all_of(name, is_inner) &&
         name.front() != '-' && name.back() != '-';
}

/// `https://host[:port]`, no path, user or query: nothing that two URL parsers could read differently.
bool is_service_url(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
  return url.starts_with(kScheme) && url.size() > kScheme.size() && url.size() <= kServiceUrlBytesMax &&
         url.find_first_not_of(kAlphabet, kScheme.size()) == std::string_view::npos;
}

Result<OfflineBehaviour> offline_of(json::Fields fields) {
  OfflineBehaviour out;
  const std::string action = TRY(fields.text("action", kWordBytesMax));
  if (action == name_of(OfflineAction::StopApplications)) {
    out.action = OfflineAction::StopApplications;
    out.after = TRY(parse_duration(TRY(fields.text("after", kWordBytesMax))));
    if (out.after < kOfflineAfterMin || out.after > kOfflineAfterMax) {
      return malformed(cat("offline.after: expected 1h to 3650d, saw ", to_text(out.after)));
    }
  } else if (action != name_of(OfflineAction::KeepRunning)) {
    return malformed(cat("offline.action: expected keep-running or stop-applications, saw ", printable(action)));
  }
  TRY(fields.done());
  return out;
}

json::Value to_json(const OfflineBehaviour& offline) {
  json::Object out{{"action", name_of(offline.action)}};
  if (offline.action == OfflineAction::StopApplications) out.emplace_back("after", to_text(offline.after));
  return out;
}

Result<void> read_owner_gone(json::Fields fields, TrustPolicy& out) {
  const std::string rule = TRY(fields.text("rule", kWordBytesMax));
  if (rule == name_of(OwnerGone::HeirKey)) {
    out.owner_gone = OwnerGone::HeirKey;
    Key heir = TRY(parse_key(*TRY(fields.value("heir"))));
    if (!heir.key) return malformed(cat("expected an heir key of a known kind, saw ", printable(heir.scheme)));
    out.heir = std::move(heir);
  } else if (rule == name_of(OwnerGone::PhysicalPresence)) {
    out.owner_gone = OwnerGone::PhysicalPresence;
  } else if (rule != name_of(OwnerGone::Nothing)) {
    return malformed(cat("owner_gone.rule: expected nothing, physical-presence or heir-key, saw ", printable(rule)));
  }
  return fields.done();
}

Result<void> read_services(json::Fields& fields, TrustPolicy& out) {
  out.services = TRY(fields.texts("services", kServicesMax, kServiceUrlBytesMax));
  if (out.services.empty()) return malformed("expected at least one service, saw none");
  for (const std::string& url : out.services) {
    if (!is_service_url(url)) return malformed(cat("expected https://host:port, saw ", printable(url)));
  }
  out.service_ca = TRY(fields.base64("service_ca", kCertificateBytesMax));
  if (out.service_ca.empty()) return malformed("expected the service CA's certificate, saw nothing");
  return {};
}

json::Array base64_array(const std::vector<Blob>& blobs) {
  json::Array out;
  for (const Blob& blob : blobs) out.push_back(to_base64(blob));
  return out;
}

Result<Director> director_of(json::Fields& fields, std::string_view name) {
  Director out;
  out.keys = TRY(read_keys(*TRY(fields.value("keys"))));
  out.role = TRY(read_role(*TRY(fields.value("role")), name, out.keys));
  TRY(require_reachable(name, out.role));
  return out;
}

Result<Director> director_from(json::Fields fields) {
  Director out = TRY(director_of(fields, kDirector));
  TRY(fields.done());
  return out;
}

Result<OfflineDirector> offline_director_from(json::Fields fields) {
  OfflineDirector out;
  out.director = TRY(director_of(fields, kOfflineDirector));
  if (fields.has("confirm_after")) {
    out.confirm_after = TRY(parse_duration(TRY(fields.text("confirm_after", kWordBytesMax))));
    if (out.confirm_after < kConfirmAfterMin || out.confirm_after > kConfirmAfterMax) {
      return malformed(cat("offline_director.confirm_after: expected 10s to 24h, saw ", to_text(out.confirm_after)));
    }
  }
  TRY(fields.done());
  return out;
}

/// A key that a service has is worth nothing offline, and the other way round.
Result<void> require_apart(const TrustPolicy& policy) {
  if (!policy.director || !policy.offline_director) return {};
  for (const Key& key : policy.offline_director->director.keys) {
    if (std::ranges::find(policy.director->keys, key.id, &Key::id) != policy.director->keys.end()) {
      return malformed(cat("expected an offline director with keys of its own, saw the director's key ", key.id));
    }
  }
  return {};
}

Result<LoweredTimeFloor> time_floor_from(json::Fields fields) {
  LoweredTimeFloor out;
  out.time = TRY(fields.time("time"));
  if (fields.has("device")) out.device = TRY(fields.text("device", kDeviceBytesMax));
  TRY(fields.done());
  return out;
}

json::Value to_json(const LoweredTimeFloor& floor) {
  json::Object out{{"time", to_rfc3339(floor.time)}};
  if (floor.device) out.emplace_back("device", *floor.device);
  return out;
}

json::Object to_json(const Director& director) {
  json::Object keys;
  for (const Key& key : director.keys) keys.emplace_back(key.id, key.document);
  json::Array key_ids;
  for (const KeyId& id : director.role.key_ids) key_ids.emplace_back(id);
  return json::Object{{"keys", std::move(keys)},
                      {"role", json::Object{{"keyids", std::move(key_ids)}, {"threshold", director.role.threshold}}}};
}

json::Value to_json(const OfflineDirector& offline) {
  json::Object out = to_json(offline.director);
  if (offline.confirm_after > Duration::zero()) out.emplace_back("confirm_after", to_text(offline.confirm_after));
  return out;
}

Result<void> require_not_older(const TrustPolicy& policy, const TrustPolicyPin& pin) {
  if (policy.version < pin.version) {
    return fail(Next::Rejected, kTrustPolicyRolledBack,
                cat("expected trust policy ", pin.version, " or later, saw ", policy.version));
  }
  if (policy.version == pin.version && policy.signed_digest != pin.signed_digest) {
    return fail(Next::Rejected, kTrustPolicyRolledBack,
                cat("expected the trust policy ", pin.version, " that is known, saw another of the same number"));
  }
  return {};
}

}  // namespace

std::string_view name_of(OfflineAction action) {
  return action == OfflineAction::KeepRunning ? "keep-running" : "stop-applications";
}

std::string_view name_of(OwnerGone rule) {
  switch (rule) {
    case OwnerGone::Nothing: return "nothing";
    case OwnerGone::PhysicalPresence: return "physical-presence";
    case OwnerGone::HeirKey: return "heir-key";
  }
  return "unknown";
}

TrustPolicyPin pin_of(const TrustPolicy& policy) { return {policy.version, policy.signed_digest}; }

Result<TrustPolicy> read_trust_policy(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kWordBytesMax));
  if (type != kType) return malformed(cat("expected a document of type ", kType, ", saw ", printable(type)));
  TRY(fields.integer("format", kFormat, kFormat));
  TrustPolicy out;
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.catalog = TRY(fields.text("catalog", kCatalogBytesMax));
  if (!is_catalog_name(out.catalog)) return malformed(cat("expected a catalog's name, saw ", printable(out.catalog)));
  TRY(read_services(fields, out));
  out.tpm_roots = TRY(fields.base64s("tpm_roots", kTpmRootsMax, kCertificateBytesMax));
  out.offline = TRY(offline_of(TRY(fields.object("offline"))));
  TRY(read_owner_gone(TRY(fields.object("owner_gone")), out));
  if (fields.has(kDirector)) out.director = TRY(director_from(TRY(fields.object(kDirector))));
  if (fields.has(kOfflineDirector)) {
    out.offline_director = TRY(offline_director_from(TRY(fields.object(kOfflineDirector))));
  }
  TRY(require_apart(out));
  if (fields.has(kTimeFloor)) out.time_floor = TRY(time_floor_from(TRY(fields.object(kTimeFloor))));
  out.expires = TRY(fields.time("expires"));
  TRY(fields.done());
  out.signed_digest = crypto::sha256(envelope.to_be_signed);
  return out;
}

Result<Verified<TrustPolicy>> verify_trust_policy(Bytes envelope, const Verified<Root>& root, std::string_view catalog,
                                                  const TrustPolicyPin& pin) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_threshold(parsed, root->keys, root->role(RoleName::Root)));
  TrustPolicy policy = TRY(read_trust_policy(parsed));
  if (policy.catalog != catalog) {
    return fail(Next::Rejected, kTrustPolicyForeign,
                cat("expected the trust policy of catalog ", printable(catalog), ", saw that of ", policy.catalog));
  }
  TRY(require_not_older(policy, pin));
  return Verified<TrustPolicy>(std::move(policy), Proof());
}

Result<Envelope> make_trust_policy(const TrustPolicy& policy) {
  json::Object owner_gone{{"rule", name_of(policy.owner_gone)}};
  if (policy.heir) owner_gone.emplace_back("heir", policy.heir->document);
  json::Array services;
  for (const std::string& url : policy.services) services.push_back(url);
  json::Object members{{"_type", kType},
                       {"format", kFormat},
                       {"version", policy.version},
                       {"catalog", policy.catalog},
                       {"services", std::move(services)},
                       {"service_ca", to_base64(policy.service_ca)},
                       {"tpm_roots", base64_array(policy.tpm_roots)},
                       {"offline", to_json(policy.offline)},
                       {"owner_gone", std::move(owner_gone)},
                       {"expires", to_rfc3339(policy.expires)}};
  if (policy.director) members.emplace_back(kDirector, to_json(*policy.director));
  if (policy.offline_director) members.emplace_back(kOfflineDirector, to_json(*policy.offline_director));
  if (policy.time_floor) members.emplace_back(kTimeFloor, to_json(*policy.time_floor));
  Envelope envelope = TRY(make_envelope(std::move(members)));
  TRY(read_trust_policy(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
