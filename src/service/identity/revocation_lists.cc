#include "service/identity/revocation_lists.h"

#include <algorithm>

#include "base/text.h"
#include "service/identity/authorities.h"
#include "trust/crypto/hash.h"
#include "trust/x509/crl.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using ports::KeyPurpose;
using ports::RevocationChangeRow;
using ports::RevocationListPartRow;
using ports::RevocationListRow;
using ports::Table;
using trust::x509::Revocation;
using trust::x509::RevocationReason;

constexpr std::size_t kPartBytes = 1024 * 1024;
static_assert(kListedAuthoritiesMax == kAuthoritiesMax);
static_assert(kPartBytes <= ports::kFieldBytesMax);
static_assert(kListedAuthoritiesMax * (trust::x509::kCrlBytesMax / kPartBytes + 1) <= ports::kScanRowsMax);

/// The unexpired certificates of one kind in one state: the index begins with the first that has not expired, so the
/// rows that are read are the entries that are listed.
Result<void> collect_ended(ports::Transaction& tx, std::string_view catalog, CertificateKind kind,
                           CertificateState state, WallTime now, std::vector<Revocation>& out) {
  const auto reason =
      state == CertificateState::Revoked ? RevocationReason::PrivilegeWithdrawn : RevocationReason::Superseded;
  ports::Scan scan{.index = ports::kCertificatesByEnd,
                   .prefix = ports::record_of(catalog, kind, state),
                   .after = ports::record_of(catalog, kind, state, now, catalog, Blob(16, 0xFF)),
                   .limit = ports::kScanRowsMax};
  while (true) {
    const auto rows = TRY(Table<CertificateRow>(tx).scan(scan));
    for (const CertificateRow& row : rows) {
      out.push_back({to_blob(row.serial), row.ended_at.value_or(row.not_before), reason});
    }
    if (rows.size() < scan.limit) return {};
    scan.after = ports::record_of(catalog, kind, state, rows.back().not_after, catalog, rows.back().serial);
  }
}

Result<std::vector<Revocation>> ended_certificates(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose,
                                                   WallTime now) {
  std::vector<Revocation> out;
  for (const CertificateKind kind :
       {CertificateKind::Client, CertificateKind::Update, CertificateKind::Quarantine, CertificateKind::Unattested}) {
    if (list_of(kind) != purpose) continue;
    for (const CertificateState state : {CertificateState::Superseded, CertificateState::Revoked}) {
      TRY(collect_ended(tx, catalog, kind, state, now, out));
    }
  }
  return out;
}

Result<Blob> signed_list(Deps& deps, const ports::KeyRow& authority, const RevocationListRow& row,
                         const std::vector<Revocation>& revoked) {
  const auto issuer = TRY(trust::x509::parse_certificate(*authority.certificate));
  const Blob to_be_signed = TRY(trust::x509::crl_to_be_signed({.issuer = issuer,
                                                               .number = static_cast<std::uint64_t>(row.number),
                                                               .this_update = row.signed_at - kListBackdated,
                                                               .next_update = row.signed_at + kListLife,
                                                               .url = crl_url(deps.settings, row.catalog, row.purpose),
                                                               .revoked = revoked}));
  return trust::x509::assemble_crl(to_be_signed, TRY(sign_as(deps, authority, to_be_signed)));
}

ports::Scan parts_of(std::string_view catalog, KeyPurpose purpose) {
  return {.prefix = ports::record_of(catalog, purpose), .limit = ports::kScanRowsMax};
}

Result<void> keep(ports::Transaction& tx, const ports::KeyRow& authority, Bytes list) {
  Table<RevocationListPartRow> table(tx);
  for (std::int64_t part = 0; !list.empty(); ++part) {
    const Bytes bytes = list.first(std::min(list.size(), kPartBytes));
    TRY(table.insert({authority.catalog, authority.purpose, authority.number, part, to_blob(bytes)}));
    list = list.subspan(bytes.size());
  }
  return {};
}

/// The parts of each list follow each other, the newest authority's last. The list of the one in force goes first.
std::vector<Blob> lists_from(const std::vector<RevocationListPartRow>& parts, std::int64_t in_force) {
  std::vector<std::pair<std::int64_t, Blob>> lists;
  for (const RevocationListPartRow& row : parts) {
    if (row.part == 0) lists.insert(lists.begin(), {row.authority, Blob()});
    lists.front().second.insert(lists.front().second.end(), row.bytes.begin(), row.bytes.end());
  }
  std::ranges::stable_partition(lists, [&](const auto& list) { return list.first == in_force; });
  std::vector<Blob> out;
  for (auto& [authority, list] : lists) out.push_back(std::move(list));
  return out;
}

struct Kept {
  std::optional<RevocationListRow> row;
  bool is_outdated = false;

  bool is_good(WallTime now) const {
    if (!row || now < row->signed_at) return false;
    return now - row->signed_at < (is_outdated ? kListSignedEvery : kListReuse);
  }
};

Result<Kept> look_up(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  Kept out;
  out.row = TRY(Table<RevocationListRow>(tx).find(catalog, purpose));
  out.is_outdated = TRY(Table<RevocationChangeRow>(tx).find(catalog, purpose)).has_value();
  return out;
}

Result<RevocationLists> kept_lists(ports::Transaction& tx, const RevocationListRow& row, WallTime now) {
  const auto parts = TRY(Table<RevocationListPartRow>(tx).scan(parts_of(row.catalog, row.purpose)));
  const auto in_force = authority_in_force(tx, row.catalog, row.purpose, now);
  if (!in_force && in_force.error().reason != kAuthorityMissing) return std::unexpected(in_force.error());
  return RevocationLists{row.number, row.signed_at, lists_from(parts, in_force ? in_force->number : 0)};
}

/// Every authority's list names every certificate that ended: that another authority's is among them harms nobody.
Result<void> sign_lists(ports::Transaction& tx, Deps& deps, const RevocationListRow& row) {
  const auto revoked = TRY(ended_certificates(tx, row.catalog, row.purpose, row.signed_at));
  Table<RevocationListPartRow> parts(tx);
  for (const auto& old : TRY(parts.scan(parts_of(row.catalog, row.purpose)))) {
    TRY(parts.erase(old.catalog, old.purpose, old.authority, old.part));
  }
  auto authorities = TRY(authorities_not_expired(tx, row.catalog, row.purpose, row.signed_at));
  if (authorities.size() > kListedAuthoritiesMax) authorities.resize(kListedAuthoritiesMax);
  std::optional<Error> broken;
  bool is_any_signed = false;
  for (const ports::KeyRow& authority : authorities) {
    const auto list = signed_list(deps, authority, row, revoked);
    if (list) {
      TRY(keep(tx, authority, *list));
      is_any_signed = true;
    } else {
      broken = list.error();
    }
  }
  // A key that is missing from its token costs its own list: without that nobody accepts what the authority issued.
  return broken && !is_any_signed ? std::unexpected(*broken) : Result<void>();
}

Result<RevocationLists> renew(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose,
                              WallTime now) {
  const Kept kept = TRY(look_up(tx, catalog, purpose));
  if (kept.is_good(now)) return kept_lists(tx, *kept.row, now);  // another request was faster
  const std::int64_t number = std::max(now.whole_seconds(), kept.row ? kept.row->number + 1 : 0);
  const RevocationListRow row{std::string(catalog), purpose, number, now};
  TRY(sign_lists(tx, deps, row));
  Table<RevocationListRow> table(tx);
  TRY(kept.row ? table.update(row) : table.insert(row));
  if (kept.is_outdated) TRY(Table<RevocationChangeRow>(tx).erase(catalog, purpose));
  return kept_lists(tx, row, now);
}

}  // namespace

Result<RevocationLists> revocation_lists(Deps& deps, std::string_view catalog, KeyPurpose purpose, WallTime now) {
  std::optional<RevocationLists> out;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out.reset();
    const Kept kept = TRY(look_up(tx, catalog, purpose));
    if (!kept.row) TRY(authority_in_force(tx, catalog, purpose, now));  // a catalog that is not there costs no write
    if (kept.is_good(now)) out = TRY(kept_lists(tx, *kept.row, now));
    return {};
  }));
  if (!out) {
    TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(renew(tx, deps, catalog, purpose, now));
      return {};
    }));
  }
  if (!out->lists.empty()) return *std::move(out);
  return fail(Next::NotFound, kAuthorityMissing, cat("every authority of '", printable(catalog), "' has expired"));
}

Duration fresh_for(const RevocationLists& lists, WallTime now) {
  return std::max(Duration(0), kListReuse - (now - lists.signed_at));
}

Result<void> outdate_lists(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose) {
  Table<RevocationChangeRow> table(tx);
  if (TRY(table.find(catalog, purpose))) return {};
  return table.insert({std::string(catalog), purpose});
}

KeyPurpose list_of(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::Client: return KeyPurpose::ClientCa;
    case CertificateKind::Unattested: return KeyPurpose::UnattestedCa;
    case CertificateKind::Update:
    case CertificateKind::Quarantine: break;
  }
  return KeyPurpose::UpdateCa;
}

}  // namespace holdfast::service::identity
