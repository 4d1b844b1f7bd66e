#include <algorithm>

#include "base/text.h"
#include "service/identity/authorities.h"
#include "service/identity/issuers.h"
#include "service/identity/revocation_lists.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using trust::x509::LeafKind;

LeafKind leaf_kind(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::Client: return LeafKind::Client;
    case CertificateKind::Update: return LeafKind::Update;
    case CertificateKind::Quarantine: return LeafKind::Quarantine;
    case CertificateKind::Unattested: return LeafKind::Unattested;
  }
  return LeafKind::Quarantine;
}

trust::x509::UriForm uri_form(const ports::CatalogRow& catalog) {
  return catalog.name_form == ports::NameForm::Urn ? trust::x509::UriForm::Urn : trust::x509::UriForm::Spiffe;
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
  const Blob signature = TRY(sign_as(deps, key, to_be_signed));
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
  out.row.authority = key.number;
  return out;
}

Result<void> require_authority_of(ports::Transaction& tx, const ports::CertificateRow& issued) {
  const auto purpose = list_of(issued.kind);
  if (TRY(ports::Table<ports::KeyRow>(tx).find(issued.catalog, purpose, issued.authority.value_or(0)))) return {};
  return fail(Next::Conflict, kAuthorityEnded,
              cat("the ", name_of(purpose), " CA ", issued.authority.value_or(0),
                  " was withdrawn while it issued a certificate; attest again"));
}

}  // namespace holdfast::service::identity
