#include "service/identity/issuers.h"

namespace holdfast::service::identity {
namespace {
constexpr std::size_t kIssuersMax = 4096;
}

Result<Issuers::Held> Issuers::find(const ports::CatalogRow& catalog, const ports::KeyRow& key,
                                    trust::x509::LeafKind kind, const std::string& crl_url) {
  const std::lock_guard lock(mutex_);
  const auto name = std::pair(*key.certificate, kind);
  if (const auto found = made_.find(name); found != made_.end()) return found->second;
  const auto form =
      catalog.name_form == ports::NameForm::Urn ? trust::x509::UriForm::Urn : trust::x509::UriForm::Spiffe;
  auto issuer = std::make_shared<const trust::x509::Issuer>(TRY(trust::x509::Issuer::make(
      TRY(trust::x509::parse_certificate(*key.certificate)), kind, catalog.name, form, catalog.trust_domain, crl_url)));
  if (made_.size() >= kIssuersMax) made_.clear();
  made_.emplace(name, issuer);
  return issuer;
}

}  // namespace holdfast::service::identity
