// A catalog's certificate authorities: their keys are made and kept here, their certificates are signed by roots that
// stay with the owner. Issues device certificates, each bound to the appraisal that permits it.
#pragma once

#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/x509/issue.h"

namespace holdfast::service::identity {

inline constexpr Reason kAuthorityMissing{"authority-missing"};
inline constexpr Reason kAuthorityWrong{"authority-wrong"};

/// A new key for a catalog's next issuing CA, not yet certified. Purpose: ClientCa, UpdateCa or UnattestedCa.
Result<ports::KeyRow> prepare_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                        ports::KeyPurpose purpose, const Caller& by, WallTime now);

/// The request (PKCS#10) for a prepared key, which proves to the owner that the service holds it.
Result<Blob> authority_request(Deps& deps, const ports::KeyRow& key);

/// Takes the certificate and root that the owner made for the newest prepared key. Refuses what is not, field for
/// field, the issuing CA that this catalog's profile describes under that root.
Result<void> certify_authority(ports::Transaction& tx, std::string_view catalog, ports::KeyPurpose purpose,
                               Bytes certificate, Bytes root, WallTime now);

/// The certified keys whose certificate has not expired, the newest first; that one is in force.
Result<std::vector<ports::KeyRow>> authorities_not_expired(ports::Transaction& tx, std::string_view catalog,
                                                           ports::KeyPurpose purpose, WallTime now);
/// The certified key in force.
Result<ports::KeyRow> authority_in_force(ports::Transaction& tx, std::string_view catalog, ports::KeyPurpose purpose);

/// What a certificate is to be. Named by the service, never by the device's request.
struct LeafOrder {
  ports::CertificateKind kind;
  std::string device;
  Blob spki;
  WallTime not_before;
  WallTime not_after;
  std::int64_t appraisal = 0;
};

struct IssuedLeaf {
  ports::CertificateRow row;  ///< to be stored in the transaction that stores the appraisal
  Blob certificate;
  Blob issuer;
};

/// Signs one. Reads the authority through `key`, so that signing needs no open transaction.
Result<IssuedLeaf> issue(Deps& deps, const ports::CatalogRow& catalog, const ports::KeyRow& key,
                         const LeafOrder& order);

/// `<base>/v1/crl/<catalog>/client.crl`: the distribution point in each leaf and in the list itself.
std::string crl_url(const Settings& settings, std::string_view catalog, ports::KeyPurpose purpose);

}  // namespace holdfast::service::identity
