#include "trust/tuf/targets.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "targets";
constexpr std::size_t kHashPrefixBytesMax = 64;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kMetadataMalformed, std::move(message));
}

Result<Target> read_target(const json::Value& value, std::string_view path) {
  const std::string what = printable(path);
  auto fields = TRY(json::Fields::of(value, what));
  Target out;
  out.length = TRY(fields.integer("length", 0, kLengthMax));
  out.hashes = TRY(read_hashes(fields));
  if (fields.has("custom")) out.custom = *TRY(fields.value("custom"));
  return out;
}

constexpr std::array<std::string_view, kRoleCount> kTopLevel = {"root", "targets", "snapshot", "timestamp"};

Result<std::string> read_role_name(json::Fields& fields) {
  std::string name = TRY(fields.text("name", kRoleNameBytesMax));
  if (!name.empty() && std::ranges::find(kTopLevel, name) == kTopLevel.end()) return name;
  return malformed(cat("expected a delegation to a role with a name of its own, saw ", printable(name)));
}

Result<Delegation> read_delegation(const json::Value& value, const std::vector<Key>& keys) {
  auto fields = TRY(json::Fields::of(value, "delegation"));
  Delegation out;
  out.name = TRY(read_role_name(fields));
  out.role = TRY(read_role(value, out.name, keys));
  if (fields.has("terminating")) out.terminating = TRY(fields.boolean("terminating"));
  if (fields.has("paths")) out.paths = TRY(fields.texts("paths", kPathPatternsMax, kTargetPathBytesMax));
  if (fields.has("path_hash_prefixes")) {
    out.hash_prefixes = TRY(fields.texts("path_hash_prefixes", kPathPatternsMax, kHashPrefixBytesMax));
  }
  // A reader who takes [ for a class of characters would give the role other paths (glob(7)).
  if (std::ranges::any_of(out.paths, [](const std::string& path) { return path.find('[') != std::string::npos; })) {
    return malformed(cat("expected patterns of * and ? alone of ", printable(out.name), ", saw ["));
  }
  if (fields.has("paths") == fields.has("path_hash_prefixes")) {
    return malformed(cat("expected either paths or path_hash_prefixes of ", printable(out.name)));
  }
  return out;
}

Result<void> read_delegations(json::Fields& fields, Targets& out) {
  out.keys = TRY(read_keys(*TRY(fields.value("keys"))));
  for (const json::Value& one : *TRY(fields.array("roles", kDelegationsMax))) {
    Delegation delegation = TRY(read_delegation(one, out.keys));
    if (std::ranges::find(out.delegations, delegation.name, &Delegation::name) != out.delegations.end()) {
      return malformed(cat("expected each role once, saw ", printable(delegation.name), " twice"));
    }
    out.delegations.push_back(std::move(delegation));
  }
  return {};
}

/// The document of `role` that the snapshot names, signed as its delegator asks.
Result<Targets> listed_targets(Bytes envelope, std::string_view role, const std::vector<Key>& keys, const Role& holders,
                               const Snapshot& snapshot) {
  const std::string file = cat(role, ".json");
  const MetaFile listed = TRY(listed_in(snapshot, role));
  TRY(require_meta_file(file, listed, envelope));
  const Envelope parsed = TRY(parse_envelope(envelope, kTargetsBytesMax));
  TRY(require_threshold(parsed, keys, holders));
  Targets targets = TRY(read_targets(parsed));
  TRY(require_version(file, listed.version, targets.header.version));
  return targets;
}

json::Value write_delegation(const Delegation& delegation) {
  const auto texts = [](const std::vector<std::string>& from) { return json::Array(from.begin(), from.end()); };
  json::Object out{{"name", delegation.name},
                   {"keyids", texts(delegation.role.key_ids)},
                   {"threshold", delegation.role.threshold},
                   {"terminating", delegation.terminating}};
  if (delegation.hash_prefixes.empty()) {
    out.emplace_back("paths", texts(delegation.paths));
  } else {
    out.emplace_back("path_hash_prefixes", texts(delegation.hash_prefixes));
  }
  return out;
}

json::Value write_target(const Target& target) {
  json::Object out{{"length", target.length}, {"hashes", write_hashes(target.hashes)}};
  if (!target.custom.is_null()) out.emplace_back("custom", target.custom);
  return out;
}

json::Value write_delegations(const Targets& targets) {
  json::Object keys;
  for (const Key& key : targets.keys) keys.emplace_back(key.id, key.document);
  json::Array roles;
  for (const Delegation& delegation : targets.delegations) roles.push_back(write_delegation(delegation));
  return json::Object{{"keys", std::move(keys)}, {"roles", std::move(roles)}};
}

}  // namespace

Result<Targets> read_targets(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  Targets out;
  out.header = TRY(read_header(fields, kType));
  const json::Value& targets = *TRY(fields.value("targets"));
  const json::Object* members = targets.object();
  if (members == nullptr || members->size() > kTargetsMax) {
    return malformed(cat("expected an object of at most ", kTargetsMax, " targets, saw ", targets.kind()));
  }
  for (const json::Member& member : *members) {
    if (member.name.empty() || member.name.size() > kTargetPathBytesMax) {
      return malformed(cat("expected paths of 1 to ", kTargetPathBytesMax, " bytes, saw ", member.name.size()));
    }
    out.targets.emplace(member.name, TRY(read_target(member.value, member.name)));
  }
  if (!fields.has("delegations")) return out;
  auto delegations = TRY(fields.object("delegations"));
  TRY(read_delegations(delegations, out));
  return out;
}

/// Where a `*` was met is kept, so that a mismatch behind it costs one step back and no more.
bool matches_pattern(std::string_view pattern, std::string_view path) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::optional<std::pair<std::size_t, std::size_t>> star;  // behind it in the pattern; how far it reaches in the path
  while (in < path.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = {++at, in};
      continue;
    }
    const bool fits = at < pattern.size() && (pattern[at] == path[in] || (pattern[at] == '?' && path[in] != '/'));
    if (fits) {
      ++at;
      ++in;
      continue;
    }
    if (!star || path[star->second] == '/') return false;
    at = star->first;
    in = ++star->second;
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

bool Delegation::covers(std::string_view path) const {
  if (!paths.empty()) {
    return std::ranges::any_of(paths, [&](const std::string& pattern) { return matches_pattern(pattern, path); });
  }
  const std::string digest = to_hex(crypto::sha256(as_bytes(path)));
  return std::ranges::any_of(hash_prefixes, [&](const std::string& prefix) { return digest.starts_with(prefix); });
}

Result<Verified<Targets>> verify_targets(Bytes envelope, const Verified<Root>& root,
                                         const Verified<Snapshot>& snapshot) {
  Targets targets = TRY(listed_targets(envelope, kType, root->keys, root->role(RoleName::Targets), *snapshot));
  return Verified<Targets>(std::move(targets), Proof());
}

Result<Verified<Targets>> verify_delegated_targets(Bytes envelope, const Verified<Targets>& delegator,
                                                   std::string_view role, const Verified<Snapshot>& snapshot) {
  const auto delegation = std::ranges::find(delegator->delegations, role, &Delegation::name);
  if (delegation == delegator->delegations.end()) {
    return fail(Next::Rejected, kRoleUndelegated, cat("expected a delegated role, saw ", printable(role)));
  }
  Targets targets = TRY(listed_targets(envelope, role, delegator->keys, delegation->role, *snapshot));
  return Verified<Targets>(std::move(targets), Proof());
}

Result<Envelope> make_targets(const Targets& targets) {
  json::Object listed;
  for (const auto& [path, target] : targets.targets) listed.emplace_back(path, write_target(target));
  json::Object members = write_header(targets.header, kType);
  members.emplace_back("targets", std::move(listed));
  if (!targets.delegations.empty()) members.emplace_back("delegations", write_delegations(targets));
  Envelope envelope = TRY(make_envelope(std::move(members)));
  TRY(read_targets(envelope));
  for (const Delegation& one : targets.delegations) TRY(require_reachable(one.name, one.role));
  return envelope;
}

}  // namespace holdfast::trust::tuf
