#include "service/appraise/references.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "trust/crypto/hash.h"
#include "trust/eventlog/log.h"

namespace holdfast::service::appraise {
namespace {

using ports::AllowedReferenceRow;
using ports::ReferenceSetRow;
using ports::Table;
using trust::appraisal::ReferenceSet;

json::Value allowance(const Digest256& id, std::string_view product, std::string_view device_group) {
  return json::Object{{"id", to_hex(id)}, {"product", product}, {"device_group", device_group}};
}

/// The next free revision of the product's baseline.
Result<int> next_revision(ports::Transaction& tx, std::string_view catalog, std::string_view product) {
  int revision = 1;
  const ports::Scan scan{.prefix = ports::record_of(catalog, product, ""), .limit = kAllowedSetsMax};
  for (const auto& allowed : TRY(Table<AllowedReferenceRow>(tx).scan(scan))) {
    const auto row = TRY(Table<ReferenceSetRow>(tx).find(catalog, allowed.id));
    if (row && row->component == kBaselineComponent) ++revision;
  }
  return revision;
}

/// The image sets that this device says it runs, among those it may run: their events are no news.
std::vector<const ReferenceSet*> running_images(const Knowledge& knowledge, const wire::AttestBody& body) {
  std::vector<const ReferenceSet*> out;
  for (const auto& set : knowledge.allowed) {
    if (set->source != trust::appraisal::ReferenceSource::Image) continue;
    const bool runs = std::ranges::any_of(body.running, [&](const wire::Running& one) {
      return one.component == set->component && one.version == set->version;
    });
    if (runs) out.push_back(set.get());
  }
  return out;
}

std::vector<std::string> words_for_unknown(const ReferenceSet& proposed, const Knowledge& knowledge) {
  std::vector<std::string> out;
  for (const auto& event : proposed.events) {
    const bool known = std::ranges::any_of(knowledge.allowed, [&](const Documents::Set& set) {
      return std::ranges::any_of(
          set->events, [&](const auto& other) { return other.pcr == event.pcr && other.digest == event.digest; });
    });
    if (!known) out.push_back(cat("PCR ", event.pcr, " ", to_hex(event.digest), " ", event.description));
  }
  return out;
}

Result<void> require_target(ports::Transaction& tx, std::string_view catalog, std::string_view product,
                            std::string_view device_group) {
  const bool there = device_group.empty()
                         ? TRY(Table<ports::ProductRow>(tx).find(catalog, product)).has_value()
                         : TRY(Table<ports::DeviceGroupRow>(tx).find(catalog, product, device_group)).has_value();
  if (there) return {};
  return fail(Next::NotFound, kNothingThere,
              cat("there is no '", printable(product, 60), "/", printable(device_group, 60), "'"));
}

}  // namespace

Digest256 reference_set_id(const ReferenceSet& set) {
  return trust::crypto::sha256(as_bytes(json::dump(trust::appraisal::to_json(set))));
}

Result<ReferenceSetRow> find_reference_set(ports::Transaction& tx, std::string_view catalog, const Digest256& id) {
  auto row = TRY(Table<ReferenceSetRow>(tx).find(catalog, id));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kNothingThere, cat("there are no reference values ", to_hex(id)));
}

Result<std::vector<trust::appraisal::Loosening>> loosened_by(ports::Transaction& tx, Deps& deps,
                                                             std::string_view catalog, const ReferenceSet& set,
                                                             std::string_view product, std::string_view device_group) {
  TRY(require_target(tx, catalog, product, device_group));
  const auto allowed = TRY(allowed_sets(tx, deps, catalog, product, device_group));
  std::vector<const ReferenceSet*> from;
  for (const Documents::Set& one : allowed) from.push_back(one.get());
  std::vector<const ReferenceSet*> to = from;
  to.push_back(&set);
  return trust::appraisal::loosened(from, to);
}

Result<ReferenceSetRow> add_reference_set(ports::Transaction& tx, std::string_view catalog, const ReferenceSet& set,
                                          const Caller& by, WallTime now) {
  ReferenceSetRow row;
  row.catalog = catalog;
  row.document = json::dump(trust::appraisal::to_json(set));
  row.id = reference_set_id(set);
  row.component = set.component;
  row.version = set.version;
  row.security_version = set.security_version;
  row.source = trust::appraisal::name_of(set.source);
  row.added_by = actor_of(by);
  row.added_at = now;
  Table<ReferenceSetRow> sets(tx);
  if (auto known = TRY(sets.find(catalog, row.id))) return *std::move(known);
  TRY(sets.insert(row));
  TRY(audit::append(tx,
                    {row.catalog, row.added_by, "reference-values.added", cat(row.component, " ", row.version),
                     json::Object{{"id", to_hex(row.id)}, {"source", row.source}}},
                    now));
  return row;
}

Result<void> allow_reference_set(ports::Transaction& tx, std::string_view catalog, const Digest256& id,
                                 std::string_view product, std::string_view device_group, const Caller& by,
                                 WallTime now) {
  const ReferenceSetRow set = TRY(find_reference_set(tx, catalog, id));
  TRY(require_target(tx, catalog, product, device_group));
  Table<AllowedReferenceRow> allowed(tx);
  if (TRY(allowed.find(catalog, product, device_group, id))) return {};
  const ports::Scan there_already{.prefix = ports::record_of(catalog, product, device_group), .limit = kAllowedSetsMax};
  if (TRY(allowed.scan(there_already)).size() >= kAllowedSetsMax) {
    return fail(Next::Exhausted, kTooManySets,
                cat("expected fewer than ", kAllowedSetsMax, " sets there, saw as many; disallow one first"));
  }
  TRY(allowed.insert({std::string(catalog), std::string(product), std::string(device_group), id, now, actor_of(by)}));
  return audit::append(tx,
                       {std::string(catalog), actor_of(by), "reference-values.allowed",
                        cat(set.component, " ", set.version), allowance(id, product, device_group)},
                       now);
}

Result<void> disallow_reference_set(ports::Transaction& tx, std::string_view catalog, const Digest256& id,
                                    std::string_view product, std::string_view device_group, const Caller& by,
                                    WallTime now) {
  auto erased = Table<AllowedReferenceRow>(tx).erase(catalog, product, device_group, id);
  if (!erased && erased.error().next == Next::NotFound) {
    return fail(Next::NotFound, kNothingThere, cat("the reference values ", to_hex(id), " are not allowed there"));
  }
  if (!erased) return erased;
  return audit::append(tx,
                       {std::string(catalog), actor_of(by), "reference-values.disallowed", to_hex(id),
                        allowance(id, product, device_group)},
                       now);
}

Result<BaselineProposal> propose_baseline(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                          std::string_view device) {
  // Who asks may see the catalog, so that an unknown device is no refusal; know() speaks to devices.
  if (!TRY(Table<ports::DeviceRow>(tx).find(catalog, device))) {
    return fail(Next::NotFound, kNothingThere,
                cat("there is no device '", printable(device, 40), "' in the catalog '", printable(catalog), "'"));
  }
  const Knowledge knowledge = TRY(know(tx, deps, catalog, device));
  const auto evidence = TRY(Table<ports::EvidenceRow>(tx).find(catalog, device));
  if (!evidence) {
    return fail(Next::NotFound, kNoEvidence, cat("the device ", printable(device, 40), " has not attested yet"));
  }
  const Shown shown = TRY(shown_of(*evidence));
  const auto log = TRY(input(trust::eventlog::parse(shown.body.event_log)));
  const int revision = TRY(next_revision(tx, catalog, knowledge.device.product));
  BaselineProposal out;
  out.product = knowledge.device.product;
  out.set =
      TRY(trust::appraisal::reference_set_from_log({std::string(kBaselineComponent), cat(revision)}, 0, log,
                                                   knowledge.policy->pcrs, running_images(knowledge, shown.body)));
  out.unknown_events = words_for_unknown(out.set, knowledge);
  return out;
}

Result<ReferenceSetRow> accept_baseline(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                        std::string_view device, const Caller& by, WallTime now) {
  const BaselineProposal proposal = TRY(propose_baseline(tx, deps, catalog, device));
  ReferenceSetRow row = TRY(add_reference_set(tx, catalog, proposal.set, by, now));
  TRY(allow_reference_set(tx, catalog, row.id, proposal.product, "", by, now));
  json::Array unknown;
  for (const std::string& words : proposal.unknown_events) unknown.emplace_back(words);
  TRY(audit::append(tx,
                    {std::string(catalog), actor_of(by), "baseline.accepted", std::string(device),
                     json::Object{{"id", to_hex(row.id)}, {"lets_in", std::move(unknown)}}},
                    now));
  return row;
}

}  // namespace holdfast::service::appraise
