#include "trust/tuf/roles.h"

#include <algorithm>
#include <set>

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

/// So that a threshold that is out of bounds is said to be one.
constexpr std::int64_t kThresholdMax = 1'000'000'000;

}  // namespace

Result<std::vector<Key>> read_keys(const json::Value& value) {
  const auto wrong = [](std::string_view sentence) {
    return fail(Next::Rejected, kRoleMalformed, cat("expected ", sentence));
  };
  const json::Object* members = value.object();
  if (members == nullptr) return wrong(cat("an object of keys, saw ", value.kind()));
  if (members->size() > kKeysMax) return wrong(cat("at most ", kKeysMax, " keys, saw ", members->size()));
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

Result<Role> read_role(const json::Value& value, std::string_view name, const std::vector<Key>& keys) {
  const std::string what = cat("role ", printable(name));
  const auto wrong = [&](std::string_view sentence) {
    return fail(Next::Rejected, kRoleMalformed, cat(what, ": ", sentence));
  };
  auto fields = TRY(json::Fields::of(value, what));
  Role out;
  out.key_ids = TRY(fields.texts("keyids", kKeysMax, kKeyIdBytes));
  out.threshold = TRY(fields.integer("threshold", -kThresholdMax, kThresholdMax));
  for (auto id = out.key_ids.begin(); id != out.key_ids.end(); ++id) {
    if (std::find(out.key_ids.begin(), id, *id) != id) {
      return wrong(cat("expected each key id once, saw ", printable(*id), " twice"));
    }
    if (std::ranges::find(keys, *id, &Key::id) == keys.end()) {
      return wrong(cat("expected the ids of the keys beside it, saw ", printable(*id)));
    }
  }
  if (out.threshold < 1) return wrong(cat("expected a threshold of at least 1, saw ", out.threshold));
  return out;
}

Result<void> require_reachable(std::string_view name, const Role& role) {
  if (role.threshold >= 1 && role.threshold <= static_cast<std::int64_t>(role.key_ids.size())) return {};
  return fail(Next::Rejected, kRoleMalformed,
              cat("role ", printable(name), ": expected a threshold from 1 to its ", role.key_ids.size(), " keys, saw ",
                  role.threshold));
}

}  // namespace holdfast::trust::tuf
