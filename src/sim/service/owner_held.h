// The keys and documents of a scripted service's owner: its root and trust policies, and the two certificate
// authorities of its catalog.
#pragma once

#include <vector>

#include "ports/random.h"
#include "sim/service/scripted_service.h"
#include "trust/crypto/key.h"
#include "trust/x509/issue.h"

namespace holdfast::sim::service {

trust::crypto::PrivateKey new_key(ports::Random& random);

struct CertificateAuthority {
  trust::crypto::PrivateKey key;
  trust::x509::Issuer issuer;
};

struct ScriptedService::Owner {
  Owner(ports::Random& random, WallTime now);
  void publish_root(WallTime now);
  void publish_trust_policy(WallTime now, const ChangePolicy& change = {});

  trust::crypto::PrivateKey key;
  trust::crypto::PrivateKey director_key;
  std::vector<Blob> roots;
  Blob trust_policy;
  std::int64_t trust_policy_number = 0;
  std::string service{kService};
  CertificateAuthority client;
  CertificateAuthority update;
  Blob service_ca;  ///< DER
};

}  // namespace holdfast::sim::service
