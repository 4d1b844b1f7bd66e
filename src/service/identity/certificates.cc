#include "service/identity/certificates.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "service/identity/revocation_lists.h"
#include "service/webhook/outbox.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using ports::Table;

std::string since(const CertificateRow& row) {
  return cat(" at ", row.ended_at ? to_rfc3339(*row.ended_at) : "an unknown time", ": ", row.reason);
}

constexpr std::size_t kSupersededAtOnce = 500;

Result<void> end_now(ports::Transaction& tx, CertificateRow& row, std::string_view reason, WallTime now) {
  row.state = CertificateState::Superseded;
  row.ended_at = now;
  row.reason = reason;
  TRY(Table<CertificateRow>(tx).update(row));
  return outdate_lists(tx, row.catalog, list_of(row.kind));
}

/// All of them, page by page: a device that attests without pause must not own more than are looked at.
Result<std::vector<CertificateRow>> unexpired_of(ports::Transaction& tx, std::string_view catalog,
                                                 std::string_view device, WallTime now) {
  ports::Scan scan{.index = ports::kCertificatesByDevice,
                   .prefix = ports::record_of(catalog, device),
                   .after = ports::record_of(catalog, device, now, catalog, Blob(16, 0xFF)),
                   .limit = ports::kScanRowsMax};
  std::vector<CertificateRow> out;
  while (true) {
    auto rows = TRY(Table<CertificateRow>(tx).scan(scan));
    std::ranges::move(rows, std::back_inserter(out));
    if (rows.size() < scan.limit) return out;
    scan.after = ports::record_of(catalog, device, out.back().not_after, catalog, out.back().serial);
  }
}

}  // namespace

Result<DeviceCaller> authenticate(ports::Transaction& tx, Bytes certificate, WallTime now) {
  const auto row =
      TRY(Table<CertificateRow>(tx).find_by(ports::kCertificatesBySha256, trust::crypto::sha256(certificate)));
  if (!row) {
    return fail(Next::Denied, kCertificateUnknown, "expected a certificate that this service issued, saw another");
  }
  switch (row->state) {
    case CertificateState::Superseded:
      return fail(Next::Denied, kCertificateSuperseded, cat("this certificate was superseded", since(*row)));
    case CertificateState::Revoked:
      return fail(Next::Denied, kCertificateRevoked, cat("this certificate was revoked", since(*row)));
    case CertificateState::Valid: break;
  }
  if (now > row->not_after || now < row->not_before) {
    return fail(Next::Denied, kCertificateExpired,
                cat("this certificate was valid until ", to_rfc3339(row->not_after), ", it is ", to_rfc3339(now)));
  }
  return DeviceCaller{row->catalog, row->device, row->kind};
}

Result<void> supersede(ports::Transaction& tx, std::string_view catalog, std::string_view device, bool everything,
                       std::string_view reason, WallTime now) {
  webhook::Event ended{.type = webhook::EventType::CertificateEnded,
                       .catalog = std::string(catalog),
                       .device = std::string(device),
                       .serials = {},
                       .reason = std::string(reason)};
  for (CertificateRow& row : TRY(unexpired_of(tx, catalog, device, now))) {
    if (row.state != CertificateState::Valid) continue;
    if (!everything && row.kind != CertificateKind::Client) continue;
    TRY(end_now(tx, row, reason, now));
    ended.serials.push_back(row.serial);
  }
  return ended.serials.empty() ? Result<void>() : webhook::publish(tx, ended, now);
}

Result<Superseded> supersede_issued_by(ports::Transaction& tx, std::string_view catalog, CertificateKind kind,
                                       std::int64_t authority, const std::optional<ports::Record>& after,
                                       std::string_view reason, WallTime now) {
  const ports::Scan scan{
      .index = ports::kCertificatesByEnd,
      .prefix = ports::record_of(catalog, kind, CertificateState::Valid),
      .after = after ? *after : ports::record_of(catalog, kind, CertificateState::Valid, now, catalog, Blob(16, 0xFF)),
      .limit = kSupersededAtOnce};
  Superseded out;
  auto page = TRY(Table<CertificateRow>(tx).scan(scan));
  if (page.size() == scan.limit) {
    out.after =
        ports::record_of(catalog, kind, CertificateState::Valid, page.back().not_after, catalog, page.back().serial);
  }
  std::map<std::string, std::vector<ByteArray<16>>> ended;
  for (CertificateRow& row : page) {
    if (row.authority.value_or(authority) != authority) continue;
    TRY(end_now(tx, row, reason, now));
    ended[row.device].push_back(row.serial);
    ++out.certificates;
  }
  for (const auto& [device, serials] : ended) {
    TRY(webhook::publish(
        tx, {webhook::EventType::CertificateEnded, std::string(catalog), device, serials, std::string(reason)}, now));
  }
  return out;
}

Result<void> revoke(ports::Transaction& tx, std::string_view catalog, const ByteArray<16>& serial,
                    std::string_view reason, const Caller& by, WallTime now) {
  Table<CertificateRow> certificates(tx);
  auto row = TRY(certificates.find(catalog, serial));
  if (!row) return fail(Next::NotFound, kCertificateUnknown, cat("there is no certificate ", to_hex(serial)));
  if (row->state == CertificateState::Revoked) return {};
  const bool is_in_force = row->state == CertificateState::Valid && now <= row->not_after;
  row->state = CertificateState::Revoked;
  row->ended_at = now;
  row->reason = reason;
  TRY(certificates.update(*row));
  TRY(outdate_lists(tx, catalog, list_of(row->kind)));
  if (is_in_force) {
    TRY(webhook::publish(tx, {webhook::EventType::CertificateEnded, row->catalog, row->device, {serial}, row->reason},
                         now));
  }
  return audit::append(tx,
                       {std::string(catalog), actor_of(by), "certificate.revoked", row->device,
                        json::Object{{"serial", to_hex(serial)}, {"reason", reason}}},
                       now);
}

}  // namespace holdfast::service::identity
