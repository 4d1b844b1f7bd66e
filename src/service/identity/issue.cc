#include <algorithm>

#include "base/text.h"
#include "service/identity/authorities.h"
#include "service/identity/issuers.h"
#include "trust/crypto/hash.h"
#include "trust/x509/crl.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using ports::KeyPurpose;
using ports::Table;
using trust::crypto::HashAlgorithm;
using trust::x509::LeafKind;

constexpr Duration kCrlLife = minutes(5);

LeafKind leaf_kind(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::Client: return LeafKind::Client;
    case CertificateKind::Update: return LeafKind::Update;
    case CertificateKind::Quarantine: return LeafKind::Quarantine;
  }
  return LeafKind::Quarantine;
}

trust::x509::UriForm uri_form(const ports::CatalogRow& catalog) {
  return catalog.name_form == ports::NameForm::Urn ? trust::x509::UriForm::Urn : trust::x509::UriForm::Spiffe;
}

/// The unexpired certificates of one kind in one state.
Result<void> collect_ended(ports::Transaction& tx, std::string_view catalog, CertificateKind kind,
                           CertificateState state, WallTime now, std::vector<trust::x509::Revocation>& out) {
  const auto reason = state == CertificateState::Revoked ? trust::x509::RevocationReason::PrivilegeWithdrawn
                                                         : trust::x509::RevocationReason::Superseded;
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

}  // namespace

Result<IssuedLeaf> issue(Deps& deps, const ports::CatalogRow& catalog, const ports::KeyRow& key,
                         const LeafOrder& order) {
  const std::string url = crl_url(deps.settings, catalog.name, key.purpose);
  const auto issuer = TRY(deps.issuers.find(catalog, key, leaf_kind(order.kind), url));
  trust::x509::LeafProfile profile{.kind = leaf_kind(order.kind),
                                   .catalog = catalog.name,
                                   .device = order.device,
                                   .uri_form = uri_form(catalog),
                                   .trust_domain = catalog.trust_domain,
                                   .spki = order.spki,
                                   .serial = trust::x509::serial_from(ports::random_array<16>(deps.random)),
                                   .not_before = order.not_before,
                                   .not_after = std::min(order.not_after, issuer->certificate().not_after()),
                                   .crl_url = url};
  const Blob to_be_signed = TRY(issuer->to_be_signed(profile));
  const auto signer = TRY(deps.keyring.open(key));
  const Blob signature = TRY(signer->sign(HashAlgorithm::Sha256, to_be_signed));
  IssuedLeaf out;
  out.certificate = issuer->assemble(to_be_signed, signature);
  out.issuer = *key.certificate;
  out.row.catalog = catalog.name;
  out.row.serial = profile.serial;
  out.row.sha256 = trust::crypto::sha256(out.certificate);
  out.row.device = order.device;
  out.row.kind = order.kind;
  out.row.not_before = profile.not_before;
  out.row.not_after = profile.not_after;
  out.row.appraisal = order.appraisal;
  return out;
}

Result<Blob> make_crl(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose, WallTime now) {
  const ports::KeyRow key = TRY(authority_in_force(tx, catalog, purpose));
  std::vector<trust::x509::Revocation> revoked;
  const auto kinds = purpose == KeyPurpose::ClientCa
                         ? std::vector{CertificateKind::Client}
                         : std::vector{CertificateKind::Update, CertificateKind::Quarantine};
  for (const CertificateKind kind : kinds) {
    for (const CertificateState state : {CertificateState::Superseded, CertificateState::Revoked}) {
      TRY(collect_ended(tx, catalog, kind, state, now, revoked));
    }
  }
  const auto issuer = TRY(trust::x509::parse_certificate(*key.certificate));
  const trust::x509::CrlProfile profile{.issuer = issuer,
                                        .number = static_cast<std::uint64_t>(now.whole_seconds()),
                                        .this_update = now,
                                        .next_update = now + kCrlLife,
                                        .url = crl_url(deps.settings, catalog, purpose),
                                        .revoked = std::move(revoked)};
  const Blob to_be_signed = TRY(trust::x509::crl_to_be_signed(profile));
  const auto signer = TRY(deps.keyring.open(key));
  return trust::x509::assemble_crl(to_be_signed, TRY(signer->sign(HashAlgorithm::Sha256, to_be_signed)));
}

}  // namespace holdfast::service::identity
