#include "base/encoding.h"
#include "base/text.h"
#include "service/appraise/knowledge.h"
#include "service/audit/audit.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "trust/x509/certs_only.h"
#include "trust/x509/request.h"

namespace holdfast::service::est {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::Table;

/// Devices' clocks may be behind ours.
constexpr Duration kBackdated = hours(1);

/// What a re-enrolment stands on: the newest appraisal, and until when it holds.
struct Ground {
  ports::CatalogRow catalog;
  ports::KeyRow authority;
  std::int64_t appraisal = 0;
  WallTime holds_until;
  friend bool operator==(const Ground& a, const Ground& b) {
    return a.appraisal == b.appraisal && a.holds_until == b.holds_until && a.authority.number == b.authority.number;
  }
};

Result<void> require_room(ports::Transaction& tx, const DeviceCaller& caller, std::int64_t appraisal, WallTime now) {
  const ports::Scan scan{.index = ports::kCertificatesByDevice,
                         .prefix = ports::record_of(caller.catalog, caller.device),
                         .after = ports::record_of(caller.catalog, caller.device, now, caller.catalog, Blob(16, 0xFF)),
                         .limit = ports::kScanRowsMax};
  std::size_t count = 0;
  for (const CertificateRow& row : TRY(Table<CertificateRow>(tx).scan(scan))) {
    count += row.appraisal == appraisal && row.kind == CertificateKind::Client ? 1 : 0;
  }
  if (count < kCertificatesPerAppraisalMax) return {};
  return fail(Next::Exhausted, kTooManyCertificates,
              cat("expected at most ", kCertificatesPerAppraisalMax, " certificates for one appraisal, saw ", count,
                  "; attest first"));
}

Result<Ground> ground_of(ports::Transaction& tx, Deps& deps, const DeviceCaller& caller, WallTime now) {
  if (!TRY(settings_of(tx, caller.catalog)).reenroll) {
    return fail(Next::Denied, kEstOff, "this catalog's devices do not re-enrol by EST; they attest");
  }
  const auto knowledge = TRY(appraise::know(tx, deps, caller.catalog, caller.device));
  const ports::DeviceRow& device = knowledge.device;
  const auto appraisal = TRY(Table<ports::AppraisalRow>(tx).find(caller.catalog, caller.device, device.attestations));
  const bool is_healthy = appraisal && device.state != ports::DeviceState::Held &&
                          appraisal->verdict == static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  if (!is_healthy)
    return fail(Next::Denied, kNotHealthy, "expected a last appraisal that is healthy, saw another; attest");
  const WallTime holds_until = appraisal->at + knowledge.policy->client_life;
  if (now >= holds_until) {
    return fail(Next::Denied, kNotHealthy,
                cat("expected an appraisal younger than ", to_text(knowledge.policy->client_life), ", saw one of ",
                    to_rfc3339(appraisal->at), "; attest"));
  }
  TRY(require_room(tx, caller, device.attestations, now));
  auto authority = TRY(identity::authority_in_force(tx, caller.catalog, ports::KeyPurpose::ClientCa, now));
  return Ground{knowledge.catalog, std::move(authority), device.attestations, holds_until};
}

Result<void> require_client_certificate(std::string_view catalog, const DeviceCaller& caller) {
  if (caller.kind == CertificateKind::Client && caller.catalog == catalog) return {};
  return fail(Next::Denied, kCallerNotAllowed,
              "expected a client certificate of this catalog; things without a vault enrol with a new secret instead");
}

}  // namespace

Result<Blob> reenroll(Deps& deps, std::string_view catalog, const DeviceCaller& caller, Bytes certificate, Bytes body,
                      WallTime now) {
  const Blob request_der = TRY(decode_body(body));
  TRY(require_client_certificate(catalog, caller));
  const auto request = TRY(input(trust::x509::parse_request(request_der)));
  const auto current = TRY(input(trust::x509::parse_certificate(certificate)));
  if (request.key.spki() != current.public_key().spki()) {
    return fail(Next::Denied, kRequestForAnother, "expected a request for the key of this connection, saw another key");
  }
  if (request.common_name && *request.common_name != caller.device) {
    return fail(
        Next::Rejected, kRequestForAnother,
        cat("expected a request for CN=", caller.device, ", saw one for CN=", printable(*request.common_name, 80)));
  }
  std::optional<Ground> ground;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    ground = TRY(ground_of(tx, deps, caller, now));
    return {};
  }));
  const identity::LeafOrder order{.kind = CertificateKind::Client,
                                  .device = caller.device,
                                  .spki = request.key.spki(),
                                  .not_before = now - kBackdated,
                                  .not_after = ground->holds_until,
                                  .appraisal = ground->appraisal};
  const auto issued = TRY(identity::issue(deps, ground->catalog, ground->authority, order));
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(identity::authenticate(tx, certificate, now));
    if (TRY(ground_of(tx, deps, caller, now)) != *ground) {
      return fail(Next::Conflict, kNotHealthy, "the device's state changed meanwhile; ask again");
    }
    TRY(identity::require_authority_of(tx, issued.row));
    TRY(Table<CertificateRow>(tx).insert(issued.row));
    return audit::append(tx,
                         {caller.catalog, cat("device:", caller.device), "device.reenrolled", caller.device,
                          json::Object{{"serial", to_hex(issued.row.serial)}, {"appraisal", ground->appraisal}}},
                         now);
  }));
  return trust::x509::certs_only({issued.certificate});
}

}  // namespace holdfast::service::est
