#include "service/check_in/check_in.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/device.h"
#include "service/appraise/deployed.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"
#include "service/claim/release.h"
#include "service/identity/authorities.h"
#include "service/rollout/direction.h"
#include "service/rollout/director.h"
#include "service/rollout/reports.h"
#include "service/rollout/trials.h"
#include "trust/appraisal/verdict.h"
#include "trust/update/time_statement.h"

namespace holdfast::service::check_in {
namespace {

using ports::ForkReportRow;
using ports::Table;

/// Whether the report is news and within the day's measure; it is then remembered in place of the oldest.
Result<bool> remember(ports::Transaction& tx, const ForkReportRow& report) {
  Table<ForkReportRow> reports(tx);
  if (TRY(reports.find(report.catalog, report.device, report.sequence, report.hash))) return false;
  const ports::Scan scan{.prefix = ports::record_of(report.catalog, report.device), .limit = kForksRemembered};
  const auto known = TRY(reports.scan(scan));
  const auto today =
      std::ranges::count_if(known, [&](const ForkReportRow& one) { return report.at < one.at + days(1); });
  if (static_cast<std::size_t>(today) >= kForksEnteredPerDay) return false;
  if (known.size() >= kForksRemembered) {
    const ForkReportRow& oldest = *std::ranges::min_element(known, {}, &ForkReportRow::at);
    TRY(reports.erase(oldest.catalog, oldest.device, oldest.sequence, oldest.hash));
  }
  TRY(reports.insert(report));
  return true;
}

Result<void> compare_audit_heads(ports::Transaction& tx, const wire::CheckInRequest& request,
                                 const DeviceCaller& caller, WallTime now) {
  if (!request.audit_head) return {};
  const ports::AuditHeadRow seen{caller.catalog, request.audit_head->sequence, request.audit_head->hash};
  if (TRY(audit::contains(tx, seen))) return {};
  if (!TRY(remember(tx, {caller.catalog, caller.device, seen.sequence, seen.hash, now}))) return {};
  return audit::append(tx,
                       {caller.catalog, cat("device:", caller.device), "audit.fork-seen", caller.device,
                        json::Object{{"sequence", seen.sequence}, {"hash", to_hex(seen.hash)}}},
                       now);
}

/// A healthy device was given the update certificate alone while the client CA was withdrawn, and there is one again.
Result<bool> misses_client_certificate(ports::Transaction& tx, const ports::DeviceRow& device,
                                       const DeviceCaller& caller, WallTime now) {
  const auto healthy = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  if (caller.kind != ports::CertificateKind::Update || device.last_verdict != healthy) return false;
  const auto authority = identity::authority_in_force(tx, caller.catalog, ports::KeyPurpose::ClientCa, now);
  if (!authority && authority.error().reason != identity::kAuthorityMissing) return std::unexpected(authority.error());
  return authority.has_value();
}

/// It was judged healthy before a version that it runs was withdrawn.
Result<bool> runs_withdrawn(ports::Transaction& tx, Deps& deps, const ports::DeviceRow& device,
                            const wire::CheckInRequest& request) {
  const auto healthy = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  if (device.last_verdict != healthy) return false;
  const auto withdrawn = TRY(appraise::withdrawn_versions(tx, deps, device.catalog));
  if (!withdrawn) return false;
  return std::ranges::any_of(request.running, [&](const wire::Running& one) {
    return std::ranges::find(*withdrawn, trust::appraisal::ImageName{one.component, one.version}) != withdrawn->end();
  });
}

/// Where a device asks for the time and listens to this service's director.
Result<std::optional<ports::KeyRow>> key_for_time(ports::Transaction& tx, const wire::CheckInRequest& request,
                                                  const DeviceCaller& caller) {
  if (!request.time_nonce) return std::optional<ports::KeyRow>();
  auto key = rollout::director_in_force(tx, caller.catalog);
  if (key) return std::optional(*std::move(key));
  if (key.error().reason == rollout::kDirectorUnnamed) return std::optional<ports::KeyRow>();
  return std::unexpected(std::move(key).error());
}

Result<Blob> time_for(Deps& deps, const ports::KeyRow& key, const wire::CheckInRequest& request,
                      const DeviceCaller& caller, WallTime now) {
  return rollout::sign_as_director(
      deps, key, TRY(trust::update::make_time_statement({caller.catalog, caller.device, *request.time_nonce, now})));
}

}  // namespace

Result<wire::CheckInResult> check_in(const wire::CheckInRequest& request, const DeviceCaller& caller, Deps& deps,
                                     WallTime now) {
  wire::CheckInResult out;
  out.check_in_again = deps.settings.check_in_every;
  std::optional<ports::KeyRow> key;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    Table<ports::DeviceRow> devices(tx);
    auto device = TRY(devices.find(caller.catalog, caller.device));
    if (!device) return fail(Next::Denied, kNothingThere, cat("the device ", caller.device, " is not enrolled"));
    TRY(compare_audit_heads(tx, request, caller, now));
    out.attest_now = request.boot_count != device->boot_count ||
                     TRY(misses_client_certificate(tx, *device, caller, now)) ||
                     TRY(runs_withdrawn(tx, deps, *device, request));
    device->last_seen_at = now;
    device->running = json::dump(wire::encode_running(request.running));
    TRY(devices.update(*device));
    auto direction = TRY(rollout::direction_of(tx, *device));
    const bool is_news = TRY(rollout::take_report(tx, caller, request, now));
    if (direction) {
      TRY(rollout::watch_trial(tx, *device, *direction, request, is_news, now));
      TRY(rollout::note_held(tx, *device, *direction, request));
    }
    out.director = TRY(rollout::direct(tx, *device, direction, request.director, now));
    key = TRY(key_for_time(tx, request, caller));
    out.trust_policy = TRY(claim::trust_policy_number(tx, caller.catalog));
    out.release = TRY(claim::waiting_release(tx, *device, now)).has_value();
    const auto head = TRY(audit::head(tx, caller.catalog));
    out.audit_head = wire::AuditHead{head.sequence, head.hash};
    return {};
  }));
  if (key) out.time = TRY(time_for(deps, *key, request, caller, now));
  return out;
}

}  // namespace holdfast::service::check_in
