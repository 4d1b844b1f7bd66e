// A catalog in a test, with the approvals that it asks for, two operators, a golden device that attested, and owner's
// keys of two roles: holder 1 has the root role, holders 2, 3 and 4 the release key's, of whom two must agree.
#pragma once

#include <doctest/doctest.h>

#include "attesting_device.h"
#include "base/encoding.h"
#include "base/text.h"
#include "owner_keys.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/claim.h"
#include "service/appraise/references.h"
#include "service/approval/approvals.h"
#include "service/catalog/catalogs.h"
#include "service/identity/issuers.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/random/seeded_random.h"
#include "sim/store/memory_store.h"
#include "trust/tuf/change_approval.h"
#include "wire/attest.h"

namespace holdfast::service::approval {

namespace tuf = trust::tuf;
using ports::ApprovalRow;
using ports::ApprovalState;
using ports::Table;
using trust::appraisal::ApprovalRules;

inline constexpr std::string_view kCatalog = "acme-meters";
inline constexpr std::string_view kDevice = "hf-0123-4567-89ab-cdef";
inline const Caller kAda = OperatorCaller{"ada", "", Scope::Own};
inline const Caller kBen = OperatorCaller{"ben", "", Scope::Own};
inline constexpr ApprovalRules kTwoApprovers{.two_approvers = true, .signed_policy = false};
inline constexpr ApprovalRules kSignedPolicy{.two_approvers = false, .signed_policy = true};

inline Blob owner_root(std::int64_t version, std::initializer_list<std::size_t> release_keys) {
  const WallTime expires = *parse_rfc3339("2036-01-01T00:00:00Z");
  auto draft = tuf::first_root({holder_key(1), holder_key(2), holder_key(3), holder_key(4)}, 1, expires);
  draft.version = version;
  for (tuf::RoleDraft& role : draft.roles) role = {{0}, 1};
  draft.roles[static_cast<std::size_t>(tuf::RoleName::Targets)] = {release_keys, 2};
  return tuf::dump_envelope(signed_by(*tuf::make_root(draft), {1}));
}

class TestCatalog {
 public:
  explicit TestCatalog(const ApprovalRules& rules, std::string_view name = kCatalog) : name_(name) {
    catalog::NewCatalog order;
    order.name = name_;
    order.two_approvers = rules.two_approvers;
    order.signed_policy = rules.signed_policy;
    order.owner_root = owner_root(1, {1, 2, 3});
    must([&](ports::Transaction& tx) -> Result<void> {
      TRY(catalog::create_catalog(tx, deps, order, kAda, now));
      TRY(catalog::create_product(tx, {name_, "gateway", "", now}, kAda));
      for (const std::string group : {"field", "lab"}) {
        TRY(catalog::create_device_group(tx, {name_, "gateway", group, "default", "", now}, kAda));
      }
      return {};
    });
  }

  template <class Work>
  auto write(Work work) {
    using Answer = decltype(work(std::declval<ports::Transaction&>()));
    std::optional<Answer> out;
    const auto written = deps.store.write([&](ports::Transaction& tx) -> Result<void> {
      out = work(tx);
      if (!*out) return std::unexpected(out->error());
      return {};
    });
    CHECK(written.has_value() == out->has_value());
    return *std::move(out);
  }
  void must(const std::function<Result<void>(ports::Transaction&)>& work) { REQUIRE(deps.store.write(work)); }

  auto submit(const Change& change, const Caller& by = kAda) {
    return write([&](ports::Transaction& tx) { return approval::submit(tx, deps, name_, change, by, now); });
  }
  /// The change, which must wait.
  ApprovalRow wait(const Change& change, const Caller& by = kAda) {
    auto row = submit(change, by);
    REQUIRE(row);
    REQUIRE(row->has_value());
    return **row;
  }
  auto approve(const ApprovalRow& row, const Caller& by, std::optional<Blob> document = {}) {
    const Approval approval{row.content_sha256, std::move(document)};
    return write(
        [&](ports::Transaction& tx) { return approval::approve(tx, deps, name_, row.number, approval, by, now); });
  }
  auto reject(const ApprovalRow& row, const Caller& by) {
    return write([&](ports::Transaction& tx) { return approval::reject(tx, name_, row.number, by, now); });
  }

  Change policy(std::string_view document, std::string_view name = "default") {
    return *write(
        [&](ports::Transaction& tx) { return policy_change(tx, name_, name, *json::parse(as_bytes(document))); });
  }
  /// Allows a new set of the component `os` to gateway/field.
  Change allow(const std::string& version) {
    const auto set = reference_set("os", version, {{4, cat("kernel ", version)}});
    must([&](ports::Transaction& tx) -> Result<void> {
      TRY(appraise::add_reference_set(tx, name_, set, kAda, now));
      return {};
    });
    return reference_values_change(appraise::reference_set_id(set), "gateway", "field");
  }
  Change list(std::initializer_list<std::uint8_t> keys, std::string_view group = "field") {
    std::string csv;
    for (const std::uint8_t key : keys) csv += cat(to_hex(Digest256{key}), ",gateway,", group, "\n");
    return factory_list_change(csv);
  }
  Change baseline() {
    return *write([&](ports::Transaction& tx) { return baseline_change(tx, deps, name_, kDevice); });
  }

  /// The golden device attests this boot.
  void attests(const Boot& boot) {
    const AttestingDevice device(boot);
    wire::AttestBody body;
    body.event_log = device.event_log;
    body.client_request = device.client.request;
    body.update_request = device.update.request;
    wire::AttestRequest request;
    request.catalog = name_;
    request.device = kDevice;
    request.quote = device.quote;
    request.quote_signature = device.quote_signature;
    request.pcr_values = device.pcr_values;
    request.client_key = {device.client.public_area, device.client.attest, device.client.signature};
    request.update_key = {device.update.public_area, device.update.attest, device.update.signature};
    request.body = body.encode();
    const ports::EvidenceRow evidence{name_, std::string(kDevice), now, device.ak_area.bytes, request.encode(), {}, {},
                                      {}};
    ports::DeviceRow row;
    row.catalog = name_;
    row.device = kDevice;
    row.product = "gateway";
    row.device_group = "field";
    row.floor = "{}";
    row.running = "[]";
    must([&](ports::Transaction& tx) -> Result<void> {
      const bool again = TRY(Table<ports::DeviceRow>(tx).find(name_, kDevice)).has_value();
      if (!again) TRY(Table<ports::DeviceRow>(tx).insert(row));
      return again ? Table<ports::EvidenceRow>(tx).update(evidence) : Table<ports::EvidenceRow>(tx).insert(evidence);
    });
  }

  template <class Row>
  std::vector<Row> rows() {
    return *write([&](ports::Transaction& tx) {
      return Table<Row>(tx).scan({.prefix = ports::record_of(name_), .limit = 1000});
    });
  }
  std::vector<std::string> audited() {
    std::vector<std::string> out;
    for (const auto& row : rows<ports::AuditRow>()) out.push_back(row.action);
    return out;
  }
  ApprovalRules rules() {
    return catalog::rules_of(*write([&](ports::Transaction& tx) { return catalog::find_catalog(tx, name_); }));
  }

  const std::string& name() const { return name_; }

  sim::store::MemoryStore store;
  sim::random::SeededRandom random{1};
  Keyring keyring{Secret(Blob(kServiceKeyBytes, 7)), random};
  identity::Issuers issuers;
  appraise::Documents documents;
  Settings settings;
  sim::metrics::Counts metrics;
  sim::images::MemoryImageFiles images;
  Deps deps{store, random, keyring, issuers, documents, settings, metrics, images};
  WallTime now = *parse_rfc3339("2026-01-01T00:00:00Z");

 private:
  std::string name_;
};

}  // namespace holdfast::service::approval
