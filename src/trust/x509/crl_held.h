// What a revocation list is made of, for the .cc files of this directory alone.
#pragma once

#include "trust/x509/certificate_held.h"
#include "trust/x509/crl.h"

namespace holdfast::trust::x509 {

using CrlHeld = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;

struct Crl::Held {
  CrlHeld crl;
  Blob der;
  std::uint64_t number;
  WallTime this_update;
  WallTime next_update;
  Blob issuer_der;
  std::optional<std::string> url;
  std::vector<Revocation> entries;  ///< by serial
};

}  // namespace holdfast::trust::x509
