// A catalog's certificate authorities: their keys are made and kept here, their certificates are signed by roots that
// stay with the owner. One is prepared, certified, announced for a while, in force, overlaps with its successor, and is
// retired (rotation.h). Issues device certificates, each bound to the appraisal that permits it.
#pragma once

#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/x509/issue.h"

namespace holdfast::service::identity {

inline constexpr Reason kAuthorityMissing{"authority-missing"};
inline constexpr Reason kAuthorityWrong{"authority-wrong"};
inline constexpr Reason kAuthorityNotYet{"authority-not-yet"};  ///< too early for what was asked
inline constexpr Reason kAuthoritiesTooMany{"authorities-too-many"};
inline constexpr Reason kAuthorityEnded{"authority-ended"};  ///< while a certificate was made under it

/// A service that checks revocation holds the lists that it fetched last for five minutes at most (kListLife). Whoever
/// still accepts anybody has fetched the next authority's list, too, before this time is over.
inline constexpr Duration kAnnouncedMin = minutes(10);
inline constexpr Duration kAnnouncedUsual = minutes(15);
inline constexpr Duration kAnnouncedMax = days(90);
inline constexpr std::size_t kAuthoritiesMax = 4;  ///< certified and not retired

/// `client`, `update`, `unattested`.
std::string_view name_of(ports::KeyPurpose purpose);
inline constexpr ports::KeyPurpose kIssuingAuthorities[] = {ports::KeyPurpose::ClientCa, ports::KeyPurpose::UpdateCa,
                                                            ports::KeyPurpose::UnattestedCa};
/// `the client CA 2 of 'acme'`.
std::string key_name(const ports::KeyRow& row);
Result<ports::KeyPurpose> parse_authority(std::string_view word);

/// A new key for a catalog's next issuing CA, not yet certified; the one that waits already where there is one.
/// Purpose: ClientCa, UpdateCa or UnattestedCa. Conflict while one is announced.
Result<ports::KeyRow> prepare_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                        ports::KeyPurpose purpose, const Caller& by, WallTime now);

/// An authority's signature over `message`. Whatever its token answers is a reason to try again later, for a device
/// too.
Result<Blob> sign_as(Deps& deps, const ports::KeyRow& authority, Bytes message);

/// The request (PKCS#10) for a prepared key, which proves to the owner that the service holds it.
Result<Blob> authority_request(Deps& deps, const ports::KeyRow& key);

/// Takes the certificate and root that the owner made for the newest prepared key. Refuses what is not, field for
/// field, the issuing CA that this catalog's profile describes under that root. Where another is in force it is
/// announced for `announced` first; else it is in force at once.
Result<ports::KeyRow> certify_authority(ports::Transaction& tx, std::string_view catalog, ports::KeyPurpose purpose,
                                        Bytes certificate, Bytes root, Duration announced, WallTime now);

/// The certified keys whose certificate has not expired, the newest first.
Result<std::vector<ports::KeyRow>> authorities_not_expired(ports::Transaction& tx, std::string_view catalog,
                                                           ports::KeyPurpose purpose, WallTime now);
/// What issues at this moment: the newest that is announced no longer. NotFound with the reason why there is none.
Result<ports::KeyRow> authority_in_force(ports::Transaction& tx, std::string_view catalog, ports::KeyPurpose purpose,
                                         WallTime now);
inline bool is_announced(const ports::KeyRow& certified, WallTime now) {
  return certified.in_force_at.has_value() && now < *certified.in_force_at;
}

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

/// In the transaction that stores what was issued: Conflict where its authority was withdrawn meanwhile.
Result<void> require_authority_of(ports::Transaction& tx, const ports::CertificateRow& issued);

/// `<base>/v1/crl/<catalog>/client.crl`: the distribution point in each leaf and in the list itself.
std::string crl_url(const Settings& settings, std::string_view catalog, ports::KeyPurpose purpose);

}  // namespace holdfast::service::identity
