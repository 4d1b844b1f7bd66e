#include "service/check_in/check_in.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/device.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"

namespace holdfast::service::check_in {
namespace {

using ports::Table;

Result<void> compare_audit_heads(ports::Transaction& tx, const wire::CheckInRequest& request,
                                 const DeviceCaller& caller, WallTime now) {
  if (!request.audit_head) return {};
  const ports::AuditHeadRow seen{caller.catalog, request.audit_head->sequence, request.audit_head->hash};
  if (TRY(audit::contains(tx, seen))) return {};
  return audit::append(tx,
                       {caller.catalog, cat("device:", caller.device), "audit.fork-seen", caller.device,
                        json::Object{{"sequence", seen.sequence}, {"hash", to_hex(seen.hash)}}},
                       now);
}

}  // namespace

Result<wire::CheckInResult> check_in(const wire::CheckInRequest& request, const DeviceCaller& caller, Deps& deps,
                                     WallTime now) {
  wire::CheckInResult out;
  out.check_in_again = deps.settings.check_in_every;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    Table<ports::DeviceRow> devices(tx);
    auto device = TRY(devices.find(caller.catalog, caller.device));
    if (!device) return fail(Next::Denied, kNothingThere, cat("the device ", caller.device, " is not enrolled"));
    TRY(compare_audit_heads(tx, request, caller, now));
    out.attest_now = request.boot_count != device->boot_count;
    device->last_seen_at = now;
    device->running = json::dump(wire::encode_running(request.running));
    TRY(devices.update(*device));
    out.trust_policy = TRY(claim::trust_policy_number(tx, caller.catalog));
    const auto head = TRY(audit::head(tx, caller.catalog));
    out.audit_head = wire::AuditHead{head.sequence, head.hash};
    return {};
  }));
  return out;
}

}  // namespace holdfast::service::check_in
