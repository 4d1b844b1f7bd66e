#include "base/check.h"
#include "sim/service/owner_held.h"
#include "trust/tuf/trust_policy.h"
#include "trust/x509/authority.h"

namespace holdfast::sim::service {
namespace {

namespace crypto = trust::crypto;
namespace tuf = trust::tuf;
namespace x509 = trust::x509;

constexpr Duration kLife = days(300);
constexpr crypto::HashAlgorithm kHash = crypto::HashAlgorithm::Sha256;

template <class T>
T sure(Result<T> result) {
  CHECK_INVARIANT(result.has_value());
  return *std::move(result);
}

Blob published(tuf::Envelope envelope, const crypto::PrivateKey& key) {
  const Blob signature = sure(key.sign(kHash, envelope.to_be_signed));
  CHECK_INVARIANT(tuf::add_signature(envelope, sure(tuf::make_key(key.public_key())), signature).has_value());
  return tuf::dump_envelope(envelope);
}

x509::Certificate certificate_of(const Blob& to_be_signed, const crypto::PrivateKey& key) {
  return sure(x509::parse_certificate(x509::assemble_certificate(to_be_signed, sure(key.sign(kHash, to_be_signed)))));
}

CertificateAuthority authority(ports::Random& random, WallTime now, x509::Authority which) {
  const bool is_client = which == x509::Authority::Client;
  const std::string catalog(kCatalog);
  crypto::PrivateKey root_key = new_key(random);
  crypto::PrivateKey key = new_key(random);
  const auto serial = [&] { return x509::serial_from(random_array<16>(random)); };
  const auto root = certificate_of(sure(x509::root_to_be_signed({.authority = which,
                                                                 .catalog = catalog,
                                                                 .spki = root_key.public_key().spki(),
                                                                 .serial = serial(),
                                                                 .not_before = now,
                                                                 .not_after = now + kLife * 2})),
                                   root_key);
  const auto issuing = certificate_of(sure(x509::issuing_ca_to_be_signed({.authority = which,
                                                                          .catalog = catalog,
                                                                          .number = 1,
                                                                          .root = root,
                                                                          .spki = key.public_key().spki(),
                                                                          .serial = serial(),
                                                                          .not_before = now,
                                                                          .not_after = now + kLife})),
                                      root_key);
  auto issuer = x509::Issuer::make(issuing, is_client ? x509::LeafKind::Client : x509::LeafKind::Update, catalog,
                                   x509::UriForm::Urn, "", "http://crl.test/list.crl");
  return {std::move(key), sure(std::move(issuer))};
}

}  // namespace

crypto::PrivateKey new_key(ports::Random& random) {
  constexpr std::size_t kEntropyBytes = 48;
  return sure(
      crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, random_secret(random, kEntropyBytes).expose()));
}

ScriptedService::Owner::Owner(ports::Random& random, WallTime now)
    : key(new_key(random)),
      director_key(new_key(random)),
      client(authority(random, now, x509::Authority::Client)),
      update(authority(random, now, x509::Authority::Update)),
      service_ca(to_blob(client.issuer.certificate().der())) {
  publish_root(now);
  publish_trust_policy(now);
}

void ScriptedService::Owner::publish_root(WallTime now) {
  auto draft = tuf::first_root({key.public_key()}, 1, now + kLife);
  draft.version = static_cast<std::int64_t>(roots.size()) + 1;
  roots.push_back(published(sure(tuf::make_root(draft)), key));
}

void ScriptedService::Owner::publish_trust_policy(WallTime now, const ChangePolicy& change) {
  tuf::TrustPolicy policy;
  policy.version = ++trust_policy_number;
  policy.catalog = kCatalog;
  policy.services = {service};
  policy.service_ca = service_ca;
  policy.tpm_roots = {to_blob(client.issuer.certificate().der())};
  policy.expires = now + kLife;
  const tuf::Key director = sure(tuf::make_key(director_key.public_key()));
  policy.director = tuf::Director{{director}, {{director.id}, 1}};
  if (change) change(policy);
  trust_policy = published(sure(tuf::make_trust_policy(policy)), key);
}

}  // namespace holdfast::sim::service
