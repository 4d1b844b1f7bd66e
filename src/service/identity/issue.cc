#include <algorithm>

#include "service/identity/authorities.h"
#include "service/identity/issuers.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using trust::crypto::HashAlgorithm;
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

}  // namespace holdfast::service::identity
