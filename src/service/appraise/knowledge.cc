#include "service/appraise/knowledge.h"

#include <algorithm>

#include "base/text.h"
#include "service/appraise/deployed.h"
#include "trust/tpm/public_area.h"

namespace holdfast::service::appraise {
namespace {

using ports::AllowedReferenceRow;
using ports::ReferenceSetRow;
using ports::Table;

Result<void> collect(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view product,
                     std::string_view group, std::vector<Documents::Set>& out) {
  const ports::Scan scan{.prefix = ports::record_of(catalog, product, group), .limit = kAllowedSetsMax};
  for (const AllowedReferenceRow& allowed : TRY(Table<AllowedReferenceRow>(tx).scan(scan))) {
    const auto row = TRY(Table<ReferenceSetRow>(tx).find(catalog, allowed.id));
    if (row) out.push_back(TRY(deps.documents.reference_set(*row)));
  }
  return {};
}

/// JSON of component to floor, as the device row keeps it.
Result<std::map<std::string, std::int64_t, std::less<>>> floors_of(const std::string& text) {
  std::map<std::string, std::int64_t, std::less<>> out;
  const json::Value value = TRY(json::parse(as_bytes(text)));
  if (const json::Object* members = value.object()) {
    for (const json::Member& member : *members) {
      if (const std::int64_t* floor = member.value.integer()) out.emplace(member.name, *floor);
    }
  }
  return out;
}

/// Borrows `attestation_key` and `knowledge`.
Result<trust::appraisal::Expectations> expectations_of(const Knowledge& knowledge,
                                                       const trust::tpm::PublicArea& attestation_key,
                                                       const std::optional<trust::tpm::ClockInfo>& last_clock) {
  trust::appraisal::Expectations out;
  out.attestation_key = &attestation_key;
  out.last_clock = last_clock;
  for (const auto& set : knowledge.allowed) out.allowed.push_back(set.get());
  out.recorded_floor = TRY(floors_of(knowledge.device.floor));
  for (const std::string& component : knowledge.optional) out.optional.push_back(component);
  if (knowledge.withdrawn) out.withdrawn = *knowledge.withdrawn;
  return out;
}

/// What deployments let the device run, beside what is allowed by hand: a component of that is there for certain.
Result<void> add_deployed(ports::Transaction& tx, Deps& deps, Knowledge& out) {
  Deployed deployed = TRY(deployed_to(tx, deps, out.device.catalog, out.device.device));
  for (std::string& component : deployed.optional) {
    const auto is_of = [&](const Documents::Set& set) { return set->component == component; };
    if (std::ranges::none_of(out.allowed, is_of)) out.optional.push_back(std::move(component));
  }
  for (Documents::Set& set : deployed.sets) {
    const auto is_same = [&](const Documents::Set& other) { return *other == *set; };
    if (std::ranges::none_of(out.allowed, is_same)) out.allowed.push_back(std::move(set));
  }
  return {};
}

}  // namespace

Result<std::string> floor_raised(const std::string& recorded, const std::vector<wire::LaidFloor>& told,
                                 const std::vector<trust::appraisal::MatchedImage>& images) {
  auto floors = TRY(floors_of(recorded));
  for (const trust::appraisal::MatchedImage& image : images) {
    const auto one = std::ranges::find(told, image.component, &wire::LaidFloor::component);
    if (one == told.end() || one->security_version > image.security_version) continue;
    std::int64_t& floor = floors[image.component];
    floor = std::max(floor, one->security_version);
  }
  json::Object out;
  for (const auto& [component, floor] : floors) out.emplace_back(component, floor);
  return json::dump(json::Value(std::move(out)));
}

Result<Documents::Policy> policy_in_force(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                          std::string_view name) {
  const ports::Scan newest{.prefix = ports::record_of(catalog, name), .limit = 1, .descending = true};
  const auto rows = TRY(Table<ports::PolicyRow>(tx).scan(newest));
  if (rows.empty()) return std::make_shared<const trust::appraisal::Policy>();
  return deps.documents.policy(rows.front().document);
}

Result<std::vector<Documents::Set>> allowed_sets(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                                 std::string_view product, std::string_view device_group) {
  std::vector<Documents::Set> out;
  TRY(collect(tx, deps, catalog, product, "", out));
  TRY(collect(tx, deps, catalog, product, device_group, out));
  return out;
}

Result<Knowledge> know(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device) {
  auto catalog_row = TRY(Table<ports::CatalogRow>(tx).find(catalog));
  auto device_row = TRY(Table<ports::DeviceRow>(tx).find(catalog, device));
  if (!catalog_row || !device_row) {
    return fail(Next::Denied, kDeviceUnknown,
                cat("there is no device '", printable(device), "' in the catalog '", printable(catalog), "'"));
  }
  if (catalog_row->state == ports::CatalogState::Left || catalog_row->state == ports::CatalogState::Importing) {
    return fail(Next::Conflict, kCatalogLeft,
                cat("the catalog '", catalog_row->name, "' lives at another service, or has not arrived whole"));
  }
  if (device_row->state == ports::DeviceState::Released) {
    return fail(Next::Denied, kDeviceUnknown, cat(device_row->device, " was let go by its owner"));
  }
  const auto group = TRY(Table<ports::DeviceGroupRow>(tx).find(catalog, device_row->product, device_row->device_group));
  Knowledge out{*std::move(catalog_row), *std::move(device_row), std::string(kDefaultPolicy), {}, {}};
  if (group) out.policy_name = group->policy;
  out.policy = TRY(policy_in_force(tx, deps, catalog, out.policy_name));
  out.allowed = TRY(allowed_sets(tx, deps, catalog, out.device.product, out.device.device_group));
  TRY(add_deployed(tx, deps, out));
  out.withdrawn = TRY(withdrawn_versions(tx, deps, catalog));
  return out;
}

trust::appraisal::Evidence Shown::evidence() const {
  const auto key = [](const wire::CertifiedKey& shown, const Blob& certificate_request) {
    return trust::appraisal::CertifiedKeyEvidence{shown.public_area, shown.attest, shown.signature,
                                                  certificate_request};
  };
  trust::appraisal::Evidence out;
  out.nonce = request.nonce;
  out.quote = request.quote;
  out.quote_signature = request.quote_signature;
  out.pcr_values = request.pcr_values;
  out.client_key = key(request.client_key, body.client_request);
  out.update_key = key(request.update_key, body.update_request);
  out.body = request.body;
  out.event_log = body.event_log;
  for (const wire::Running& one : body.running) out.running.push_back({one.component, one.version});
  for (const wire::Running& one : body.started) out.started.push_back({one.component, one.version});
  for (const wire::LaidFloor& one : body.floors) out.floors.push_back({one.component, one.security_version});
  return out;
}

Result<Shown> shown_of(const ports::EvidenceRow& row) {
  auto request = TRY(wire::AttestRequest::decode(row.request));
  auto body = TRY(wire::AttestBody::decode(request.body));
  return Shown{std::move(request), std::move(body)};
}

std::optional<trust::tpm::ClockInfo> clock_of(const std::optional<std::int64_t>& clock_ms,
                                              const std::optional<std::int64_t>& reset_count,
                                              const std::optional<std::int64_t>& restart_count) {
  if (!clock_ms || !reset_count || !restart_count) return {};
  return trust::tpm::ClockInfo{.clock_ms = static_cast<std::uint64_t>(*clock_ms),
                               .reset_count = static_cast<std::uint32_t>(*reset_count),
                               .restart_count = static_cast<std::uint32_t>(*restart_count)};
}

Result<trust::appraisal::Appraisal> judge(const Shown& shown, const Knowledge& knowledge, Bytes ak_public,
                                          const trust::appraisal::Policy& policy, trust::appraisal::Freshness freshness,
                                          const std::optional<trust::tpm::ClockInfo>& last_clock) {
  const auto attestation_key = TRY(trust::tpm::parse_public_area(ak_public));
  auto expectations = TRY(expectations_of(knowledge, attestation_key, last_clock));
  expectations.freshness = freshness;
  if (freshness == trust::appraisal::Freshness::Challenged) expectations.nonce = shown.request.nonce;
  return trust::appraisal::appraise(shown.evidence(), expectations, policy);
}

Result<std::vector<trust::appraisal::Appraisal>> judge_again(const Shown& shown, const Knowledge& knowledge,
                                                             Bytes ak_public,
                                                             std::span<const trust::appraisal::Policy* const> policies,
                                                             const std::optional<trust::tpm::ClockInfo>& last_clock) {
  const auto attestation_key = TRY(trust::tpm::parse_public_area(ak_public));
  auto expectations = TRY(expectations_of(knowledge, attestation_key, last_clock));
  const auto& verdict = knowledge.device.last_verdict;
  const bool was_accepted = verdict && *verdict < static_cast<std::int64_t>(trust::appraisal::Verdict::Quarantined);
  expectations.freshness = was_accepted ? trust::appraisal::Freshness::Accepted : trust::appraisal::Freshness::Replayed;
  return trust::appraisal::appraise_under(shown.evidence(), expectations, policies);
}

}  // namespace holdfast::service::appraise
