// A value that passed verification. Nothing but the functions named below can make one, so that code which asks for a
// Verified<T> does not compile with bytes that nobody checked.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace holdfast::trust {

template <class T>
class Verified;

namespace tpm {
struct PublicArea;
struct Quote;
struct Certification;
Result<Verified<Quote>> verify_quote(const PublicArea&, Bytes, Bytes, Bytes);
Result<Verified<Certification>> verify_certify(const PublicArea&, Bytes, Bytes, Bytes);
}  // namespace tpm

namespace x509 {
class Certificate;
struct EndorsementCertificate;
Result<Verified<EndorsementCertificate>> verify_endorsement(const Certificate&, const std::vector<Certificate>&,
                                                            const std::vector<Certificate>&, WallTime);
}  // namespace x509

namespace tuf {
struct Root;
struct TrustPolicy;
struct TrustPolicyPin;
struct Change;
struct ChangeApproval;
struct DeviceRelease;
struct CatalogExport;
struct Timestamp;
struct Snapshot;
struct Targets;
struct DirectorTargets;
struct Recipient;
Result<Verified<Root>> verify_pinned_root(Bytes, const Digest256&);
Result<Verified<Root>> verify_next_root(Bytes, const Verified<Root>&);
Result<Verified<TrustPolicy>> verify_trust_policy(Bytes, const Verified<Root>&, std::string_view,
                                                  const TrustPolicyPin&);
Result<Verified<ChangeApproval>> verify_change_approval(Bytes, const Verified<Root>&, const Change&, WallTime);
Result<Verified<DeviceRelease>> verify_device_release(Bytes, const Verified<Root>&, std::string_view, std::string_view,
                                                      const Digest256&, WallTime);
Result<Verified<CatalogExport>> verify_catalog_export(Bytes, const Verified<Root>&);
Result<Verified<Timestamp>> verify_timestamp(Bytes, const Verified<Root>&, const std::optional<Verified<Timestamp>>&);
Result<Verified<Snapshot>> verify_snapshot(Bytes, const Verified<Root>&, const Verified<Timestamp>&,
                                           const std::optional<Verified<Snapshot>>&);
Result<Verified<Snapshot>> verify_kept_snapshot(Bytes, const Verified<Root>&);
Result<Verified<Targets>> verify_targets(Bytes, const Verified<Root>&, const Verified<Snapshot>&);
Result<Verified<Targets>> verify_delegated_targets(Bytes, const Verified<Targets>&, std::string_view,
                                                   const Verified<Snapshot>&);
Result<Verified<DirectorTargets>> verify_director_targets(Bytes, const Verified<TrustPolicy>&, std::string_view,
                                                          std::int64_t);
Result<Verified<DirectorTargets>> verify_offline_targets(Bytes, const Verified<TrustPolicy>&, const Recipient&,
                                                         std::int64_t);
}  // namespace tuf

namespace update {
struct TimeStatement;
Result<Verified<TimeStatement>> verify_time_statement(Bytes, const Verified<tuf::TrustPolicy>&, std::string_view,
                                                      const ByteArray<16>&);
}  // namespace update

/// The right to say "verified". Every function that may is named here; adding one is a security decision.
class Proof {
  Proof() = default;
  // friends: the verify_* functions of trust/
  friend Result<Verified<tpm::Quote>> tpm::verify_quote(const tpm::PublicArea&, Bytes, Bytes, Bytes);
  friend Result<Verified<tpm::Certification>> tpm::verify_certify(const tpm::PublicArea&, Bytes, Bytes, Bytes);
  friend Result<Verified<x509::EndorsementCertificate>> x509::verify_endorsement(const x509::Certificate&,
                                                                                 const std::vector<x509::Certificate>&,
                                                                                 const std::vector<x509::Certificate>&,
                                                                                 WallTime);
  friend Result<Verified<tuf::Root>> tuf::verify_pinned_root(Bytes, const Digest256&);
  friend Result<Verified<tuf::Root>> tuf::verify_next_root(Bytes, const Verified<tuf::Root>&);
  friend Result<Verified<tuf::TrustPolicy>> tuf::verify_trust_policy(Bytes, const Verified<tuf::Root>&,
                                                                     std::string_view, const tuf::TrustPolicyPin&);
  friend Result<Verified<tuf::ChangeApproval>> tuf::verify_change_approval(Bytes, const Verified<tuf::Root>&,
                                                                           const tuf::Change&, WallTime);
  friend Result<Verified<tuf::DeviceRelease>> tuf::verify_device_release(Bytes, const Verified<tuf::Root>&,
                                                                         std::string_view, std::string_view,
                                                                         const Digest256&, WallTime);
  friend Result<Verified<tuf::CatalogExport>> tuf::verify_catalog_export(Bytes, const Verified<tuf::Root>&);
  friend Result<Verified<tuf::Timestamp>> tuf::verify_timestamp(Bytes, const Verified<tuf::Root>&,
                                                                const std::optional<Verified<tuf::Timestamp>>&);
  friend Result<Verified<tuf::Snapshot>> tuf::verify_snapshot(Bytes, const Verified<tuf::Root>&,
                                                              const Verified<tuf::Timestamp>&,
                                                              const std::optional<Verified<tuf::Snapshot>>&);
  friend Result<Verified<tuf::Snapshot>> tuf::verify_kept_snapshot(Bytes, const Verified<tuf::Root>&);
  friend Result<Verified<tuf::Targets>> tuf::verify_targets(Bytes, const Verified<tuf::Root>&,
                                                            const Verified<tuf::Snapshot>&);
  friend Result<Verified<tuf::Targets>> tuf::verify_delegated_targets(Bytes, const Verified<tuf::Targets>&,
                                                                      std::string_view, const Verified<tuf::Snapshot>&);
  friend Result<Verified<tuf::DirectorTargets>> tuf::verify_director_targets(Bytes, const Verified<tuf::TrustPolicy>&,
                                                                             std::string_view, std::int64_t);
  friend Result<Verified<tuf::DirectorTargets>> tuf::verify_offline_targets(Bytes, const Verified<tuf::TrustPolicy>&,
                                                                            const tuf::Recipient&, std::int64_t);
  friend Result<Verified<update::TimeStatement>> update::verify_time_statement(Bytes, const Verified<tuf::TrustPolicy>&,
                                                                               std::string_view, const ByteArray<16>&);
};

template <class T>
class Verified {
 public:
  Verified(T value, Proof) : value_(std::move(value)) {}

  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

}  // namespace holdfast::trust
