// Issuers that were made before: an Issuer decodes its CA certificate and lints its template once, and then serves
// every certificate of that authority and kind.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "trust/x509/issue.h"

namespace holdfast::service::identity {

class Issuers {
 public:
  using Held = std::shared_ptr<const trust::x509::Issuer>;

  /// `key` is a certified authority; `crl_url` its list's address.
  Result<Held> find(const ports::CatalogRow& catalog, const ports::KeyRow& key, trust::x509::LeafKind kind,
                    const std::string& crl_url);

 private:
  std::mutex mutex_;
  std::map<std::pair<Blob, trust::x509::LeafKind>, Held> made_;  ///< by CA certificate
};

}  // namespace holdfast::service::identity
