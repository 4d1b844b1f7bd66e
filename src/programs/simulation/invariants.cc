#include "programs/simulation/invariants.h"

#include <set>

#include "base/encoding.h"
#include "base/json/value.h"
#include "base/text.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/device.h"
#include "ports/store/rows/webhook.h"
#include "programs/simulation/owner.h"
#include "service/audit/audit.h"
#include "trust/appraisal/verdict.h"
#include "trust/audit/chain.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs::simulation {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::Table;
using trust::appraisal::Verdict;

std::unexpected<Error> broken(std::string what) { return fail(Next::Corrupt, kInvariantBroken, std::move(what)); }

bool permits(Verdict verdict, CertificateKind kind) {
  switch (kind) {
    case CertificateKind::Client: return verdict == Verdict::Healthy;
    case CertificateKind::Update: return verdict <= Verdict::UpdateOnly;
    case CertificateKind::Quarantine: return verdict == Verdict::Quarantined;
    case CertificateKind::Unattested: return false;
  }
  return false;
}

trust::audit::Record record_of(const ports::AuditRow& row) {
  return {row.catalog, row.sequence, row.at, row.actor, row.action, row.subject, row.detail};
}

/// Every row of a table with this key prefix, page by page.
template <class Row, class Key, class Visit>
Result<void> for_each(ports::Transaction& tx, Key key_of, Visit visit) {
  ports::Scan scan{.prefix = ports::record_of(kCatalog), .limit = 1000};
  while (true) {
    const auto rows = TRY(Table<Row>(tx).scan(scan));
    for (const Row& row : rows) TRY(visit(row));
    if (rows.size() < scan.limit) return {};
    scan.after = key_of(rows.back());
  }
}

}  // namespace

Result<void> Invariants::check_device(ServiceHost& host, const Machine& machine) {
  const auto& identity = machine.agent().records().get<device::record::Identity>();
  if (!identity) return {};
  const Digest256 ek = machine.endorsement_sha256();
  const auto [known, first] = told_.emplace(ek, identity->device);
  if (known->second != identity->device) {
    return broken(cat("a device was told two ids: ", known->second, " and ", identity->device));
  }
  return host.store().read([&](ports::Transaction& tx) -> Result<void> {
    const auto row = TRY(Table<ports::DeviceRow>(tx).find(kCatalog, identity->device));
    if (!row) return broken(cat("the acknowledged enrolment of ", identity->device, " is not in the store"));
    if (row->ek_sha256 != ek) return broken(cat(identity->device, " has another endorsement key in the store"));
    const auto& attested = machine.agent().records().get<device::record::Attested>();
    if (!attested) return {};
    for (const auto& held : {attested->result.client_certificate, attested->result.update_certificate}) {
      if (!held) continue;
      const auto stored = TRY(
          Table<CertificateRow>(tx).find_by(ports::kCertificatesBySha256, trust::crypto::sha256(held->certificate)));
      if (!stored) return broken(cat(identity->device, " holds a certificate that the store does not know"));
    }
    return {};
  });
}

/// The service forgets old appraisals, of certificates that ended long ago.
Result<void> Invariants::check_certificates(ports::Transaction& tx, WallTime now) {
  certificates_ = 0;
  return for_each<CertificateRow>(
      tx, [](const CertificateRow& row) { return ports::record_of(row.catalog, row.serial); },
      [&](const CertificateRow& row) -> Result<void> {
        ++certificates_;
        if (row.not_after < now) return {};
        const auto appraisal = TRY(Table<ports::AppraisalRow>(tx).find(row.catalog, row.device, row.appraisal));
        if (appraisal && permits(static_cast<Verdict>(appraisal->verdict), row.kind)) return {};
        return broken(cat("certificate ", to_hex(row.serial), " of ", row.device, " has no appraisal that permits it"));
      });
}

Result<void> Invariants::check_devices(ports::Transaction& tx) {
  std::set<Digest256> keys;
  return for_each<ports::DeviceRow>(
      tx, [](const ports::DeviceRow& row) { return ports::record_of(row.catalog, row.device); },
      [&](const ports::DeviceRow& row) -> Result<void> {
        if (keys.insert(row.ek_sha256).second) return {};
        return broken(cat("one endorsement key has two ids, one of them ", row.device));
      });
}

/// Nobody takes this world's events, so that all of them wait; who looks after a great many were dropped sees nothing.
Result<void> Invariants::check_told(ports::Transaction& tx) {
  const auto hook = TRY(Table<ports::WebhookRow>(tx).find(kCatalog, kWebhook));
  if (!hook || hook->dropped > 0) return {};
  std::set<std::string> told;
  TRY(for_each<ports::WebhookEventRow>(
      tx, [](const ports::WebhookEventRow& row) { return ports::record_of(row.catalog, row.webhook, row.sequence); },
      [&](const ports::WebhookEventRow& row) -> Result<void> {
        const json::Value payload = TRY(json::parse(as_bytes(row.payload)));
        for (const json::Value& serial : *payload.find("serials")->array()) told.insert(*serial.text());
        return {};
      }));
  return for_each<CertificateRow>(
      tx, [](const CertificateRow& row) { return ports::record_of(row.catalog, row.serial); },
      [&](const CertificateRow& row) -> Result<void> {
        if ((row.state != ports::CertificateState::Valid) == told.contains(to_hex(row.serial))) return {};
        return broken(cat("certificate ", to_hex(row.serial), " ended and was not told, or the other way round"));
      });
}

Result<void> Invariants::check_audit(ports::Transaction& tx) {
  ports::Scan scan{.prefix = ports::record_of(kCatalog), .after = ports::record_of(kCatalog, audited_), .limit = 1000};
  while (true) {
    const auto rows = TRY(Table<ports::AuditRow>(tx).scan(scan));
    for (const auto& row : rows) {
      if (row.sequence != audited_ + 1 || row.hash != trust::audit::hash_of(audit_hash_, record_of(row))) {
        return broken(cat("the audit chain breaks at entry ", row.sequence));
      }
      audited_ = row.sequence;
      audit_hash_ = row.hash;
    }
    if (rows.size() < scan.limit) break;
    scan.after = ports::record_of(kCatalog, audited_);
  }
  const auto head = TRY(service::audit::head(tx, kCatalog));
  if (head.sequence == audited_ && head.hash == audit_hash_) return {};
  return broken(cat("the audit head is at ", head.sequence, ", the chain at ", audited_));
}

Result<void> Invariants::check_store(ServiceHost& host) {
  return host.store().read([&](ports::Transaction& tx) -> Result<void> {
    TRY(check_devices(tx));
    TRY(check_certificates(tx, host.now()));
    TRY(check_told(tx));
    return check_audit(tx);
  });
}

}  // namespace holdfast::programs::simulation
