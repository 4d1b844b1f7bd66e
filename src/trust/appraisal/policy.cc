#include "trust/appraisal/policy.h"

#include <algorithm>
#include <set>

#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::appraisal {
namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::int64_t kPolicyVersionMax = 1'000'000'000;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kPolicyMalformed, std::move(message));
}

/// True if the member is there; an absent one keeps its default.
bool given(json::Fields& fields, std::string_view name) {
  if (fields.has(name)) return true;
  fields.ignore(name);
  return false;
}

Result<std::uint32_t> pcrs_from(const json::Array& numbers) {
  std::uint32_t mask = 0;
  for (const json::Value& value : numbers) {
    const std::int64_t* pcr = value.integer();
    if (pcr == nullptr || *pcr < 0 || *pcr >= int{kPcrsQuoted}) return malformed("pcrs: expected numbers from 0 to 15");
    mask |= 1u << *pcr;
  }
  if (mask == 0) return malformed("pcrs: expected at least one PCR, saw none");
  return mask;
}

Result<std::vector<std::string>> components_from(json::Fields& fields, std::string_view name) {
  auto out = TRY(fields.texts(name, kPolicyComponentsMax, kComponentBytesMax));
  for (const std::string& component : out) TRY(require_component_name(component));
  std::ranges::sort(out);
  if (std::ranges::adjacent_find(out) != out.end()) return malformed(cat(name, ": expected each component once"));
  return out;
}

Result<const json::Object*> members_of(json::Fields& fields, std::string_view name, std::size_t size_max) {
  const json::Value& value = *TRY(fields.value(name));
  const json::Object* members = value.object();
  if (members == nullptr) return malformed(cat(name, ": expected an object, saw ", value.kind()));
  if (members->size() > size_max) {
    return malformed(cat(name, ": expected at most ", size_max, " members, saw ", members->size()));
  }
  return members;
}

Result<void> read_floor(json::Fields& fields, Policy& out) {
  for (const json::Member& member : *TRY(members_of(fields, "floor", kPolicyComponentsMax))) {
    TRY(require_component_name(member.name));
    const std::int64_t* version = member.value.integer();
    if (version == nullptr || *version < 0 || *version > kSecurityVersionMax) {
      return malformed(cat("floor: expected a security version for ", member.name, ", saw another value"));
    }
    out.floor[member.name] = *version;
  }
  return {};
}

Result<void> read_withdrawn(json::Fields& fields, Policy& out) {
  for (const json::Value& value : *TRY(fields.array("withdrawn", kWithdrawnMax))) {
    auto members = TRY(json::Fields::of(value, "withdrawn"));
    ImageName image;
    image.component = TRY(members.text("component", kComponentBytesMax));
    TRY(require_component_name(image.component));
    image.version = TRY(members.text("version", kComponentVersionBytesMax));
    TRY(require_component_version(image.version));
    TRY(members.done());
    out.withdrawn.push_back(std::move(image));
  }
  std::ranges::sort(out.withdrawn);
  const auto repeated = std::ranges::unique(out.withdrawn);
  out.withdrawn.erase(repeated.begin(), repeated.end());
  return {};
}

Result<Duration> life_from(json::Fields& fields, std::string_view name, Duration min, Duration max) {
  const Duration life = TRY(parse_duration(TRY(fields.text(name, kWordBytesMax))));
  if (life >= min && life <= max) return life;
  return fail(Next::Rejected, kPolicyLifeWrong,
              cat(name, ": expected ", to_text(min), " to ", to_text(max), ", saw ", to_text(life)));
}

Result<void> read_lives(json::Fields& fields, Policy& out) {
  if (given(fields, "client_life")) {
    out.client_life = TRY(life_from(fields, "client_life", kClientLifeMin, kClientLifeMax));
  }
  if (given(fields, "long_life_exception")) {
    out.long_life_exception = TRY(fields.text("long_life_exception", kExceptionBytesMax));
  }
  if (given(fields, "update_life")) {
    out.update_life = TRY(life_from(fields, "update_life", kUpdateLifeMin, kUpdateLifeMax));
  }
  if (given(fields, "quarantine_life")) {
    out.quarantine_life = TRY(life_from(fields, "quarantine_life", kQuarantineLifeMin, kQuarantineLifeMax));
  }
  const bool excused = !trim(out.long_life_exception).empty();
  if (out.client_life > kClientLifeUnexcused && !excused) {
    return fail(Next::Rejected, kPolicyLifeWrong,
                cat("expected long_life_exception to say why client certificates live over 24h, saw a life of ",
                    to_text(out.client_life), " without"));
  }
  if (out.client_life <= kClientLifeUnexcused && excused) {
    return fail(Next::Rejected, kPolicyLifeWrong,
                cat("expected no long_life_exception for a life of ", to_text(out.client_life), ", saw one"));
  }
  return {};
}

Result<void> read_harsher(json::Fields& fields, Policy& out) {
  for (const json::Member& member : *TRY(members_of(fields, "harsher", kCheckCount))) {
    const Check check = TRY(check_from(member.name));
    const std::string* name = member.value.text();
    if (name == nullptr) return malformed(cat("harsher: expected a verdict for ", member.name));
    const Verdict verdict = TRY(verdict_from(*name));
    const Verdict table = row_of(check).when_it_fails;
    if (verdict < table) {
      return fail(Next::Rejected, kPolicyMilder,
                  cat("expected ", member.name, " to stay at least ", name_of(table), ", saw ", name_of(verdict)));
    }
    out.harsher[check] = verdict;
  }
  return {};
}

json::Array texts(const std::vector<std::string>& all) {
  json::Array out;
  for (const std::string& text : all) out.push_back(text);
  return out;
}

}  // namespace

Verdict Policy::when_it_fails(Check check) const {
  const Verdict table = row_of(check).when_it_fails;
  const auto found = harsher.find(check);
  return found == harsher.end() ? table : std::max(table, found->second);
}

Result<Policy> policy_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "policy"));
  Policy out;
  out.version = TRY(fields.integer("version", 1, kPolicyVersionMax));
  if (given(fields, "pcrs")) out.pcrs = TRY(pcrs_from(*TRY(fields.array("pcrs", kPcrsQuoted))));
  if (given(fields, "required")) out.required = TRY(components_from(fields, "required"));
  if (given(fields, "optional")) out.optional = TRY(components_from(fields, "optional"));
  for (const std::string& component : out.optional) {
    if (std::ranges::binary_search(out.required, component)) {
      return malformed(cat("expected ", component, " to be required or optional, saw it as both"));
    }
  }
  if (given(fields, "floor")) TRY(read_floor(fields, out));
  if (given(fields, "withdrawn")) TRY(read_withdrawn(fields, out));
  TRY(read_lives(fields, out));
  if (given(fields, "harsher")) TRY(read_harsher(fields, out));
  TRY(fields.done());
  return out;
}

Result<Policy> parse_policy(Bytes json_text) {
  return policy_from(TRY(json::parse(json_text, {.bytes_max = kPolicyBytesMax, .depth_max = 8, .nodes_max = 4096})));
}

json::Value to_json(const Policy& policy) {
  json::Array pcrs;
  for (int pcr = 0; pcr < int{kPcrsQuoted}; ++pcr) {
    if ((policy.pcrs >> pcr & 1u) != 0) pcrs.emplace_back(pcr);
  }
  json::Object floor;
  for (const auto& [component, version] : policy.floor) floor.emplace_back(component, version);
  json::Array withdrawn;
  for (const ImageName& image : policy.withdrawn) {
    withdrawn.push_back(json::Object{{"component", image.component}, {"version", image.version}});
  }
  json::Object harsher;
  for (const auto& [check, verdict] : policy.harsher) harsher.emplace_back(name_of(check), name_of(verdict));
  json::Object out{{"version", policy.version},
                   {"pcrs", std::move(pcrs)},
                   {"required", texts(policy.required)},
                   {"optional", texts(policy.optional)},
                   {"floor", std::move(floor)},
                   {"withdrawn", std::move(withdrawn)},
                   {"client_life", to_text(policy.client_life)},
                   {"update_life", to_text(policy.update_life)},
                   {"quarantine_life", to_text(policy.quarantine_life)},
                   {"harsher", std::move(harsher)}};
  if (!policy.long_life_exception.empty()) out.emplace_back("long_life_exception", policy.long_life_exception);
  return out;
}

}  // namespace holdfast::trust::appraisal
