// A value that passed verification. Nothing but the functions named below can make one, so that code which asks for a
// Verified<T> does not compile with bytes that nobody checked.
#pragma once

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
