#include <algorithm>
#include <set>

#include "base/json/fields.h"
#include "base/text.h"
#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::size_t kSpecVersionBytesMax = 16;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kRootMalformed, std::move(message));
}

Result<std::vector<Key>> keys_of(const json::Value& value) {
  const json::Object* members = value.object();
  if (members == nullptr) return malformed(cat("root.keys: expected an object, saw ", value.kind()));
  if (members->size() > kKeysMax) return malformed(cat("expected at most ", kKeysMax, " keys, saw ", members->size()));
  std::vector<Key> out;
  std::set<Digest256> known;
  for (const json::Member& member : *members) {
    Key key = TRY(parse_key(member.value));
    if (key.id != member.name) {
      return fail(Next::Rejected, kKeyIdWrong,
                  cat("expected key id ", key.id, " for this key, saw ", printable(member.name)));
    }
    if (key.key && !known.insert(key.key->spki_sha256()).second) {
      return fail(Next::Rejected, kKeyTwice, cat("expected each key once, saw another id for that of ", key.id));
    }
    out.push_back(std::move(key));
  }
  return out;
}

Result<Role> role_of(const json::Value& value, std::string_view name, const std::vector<Key>& keys) {
  const auto wrong = [&](std::string_view sentence) {
    return fail(Next::Rejected, kRoleMalformed, cat("role ", name, ": ", sentence));
  };
  auto fields = TRY(json::Fields::of(value, name));
  Role out;
  out.key_ids = TRY(fields.texts("keyids", kKeysMax, kKeyIdBytes));
  out.threshold = TRY(fields.integer("threshold", -kVersionMax, kVersionMax));
  for (auto id = out.key_ids.begin(); id != out.key_ids.end(); ++id) {
    if (std::find(out.key_ids.begin(), id, *id) != id) {
      return wrong(cat("expected each key id once, saw ", printable(*id), " twice"));
    }
    if (std::ranges::find(keys, *id, &Key::id) == keys.end()) {
      return wrong(cat("expected the ids of this root's keys, saw ", printable(*id)));
    }
  }
  if (out.threshold < 1 || out.threshold > static_cast<std::int64_t>(out.key_ids.size())) {
    return wrong(cat("expected a threshold from 1 to its ", out.key_ids.size(), " keys, saw ", out.threshold));
  }
  return out;
}

}  // namespace

std::string_view name_of(RoleName role) {
  switch (role) {
    case RoleName::Root: return "root";
    case RoleName::Targets: return "targets";
    case RoleName::Snapshot: return "snapshot";
    case RoleName::Timestamp: return "timestamp";
  }
  return "unknown";
}

// Members that TUF does not define are passed over here, as TUF 1.0 §4.2 asks; the signatures cover them all the same.
Result<Root> read_root(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, "root"));
  const std::string type = TRY(fields.text("_type", kSpecVersionBytesMax));
  if (type != "root") return malformed(cat("expected a document of type root, saw ", printable(type)));
  const std::string specification = TRY(fields.text("spec_version", kSpecVersionBytesMax));
  if (!specification.starts_with("1.")) {
    return malformed(cat("expected TUF specification 1.x, saw ", printable(specification)));
  }
  Root out;
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.expires = TRY(fields.time("expires"));
  if (fields.has("consistent_snapshot")) out.consistent_snapshot = TRY(fields.boolean("consistent_snapshot"));
  out.keys = TRY(keys_of(*TRY(fields.value("keys"))));
  auto roles = TRY(fields.object("roles"));
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    const std::string_view name = name_of(static_cast<RoleName>(i));
    out.roles[i] = TRY(role_of(*TRY(roles.value(name)), name, out.keys));
  }
  return out;
}

}  // namespace holdfast::trust::tuf
