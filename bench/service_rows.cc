#include "base/check.h"
#include "bench/peers.h"
#include "bench/rows.h"
#include "linux/system/random.h"
#include "service/appraise/documents.h"
#include "service/identity/authorities.h"
#include "service/identity/issuers.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/store/memory_store.h"
#include "trust/x509/authority.h"

namespace holdfast::bench {
namespace {

using ports::KeyPurpose;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;
using trust::x509::Certificate;

constexpr WallTime kNow = WallTime::from_seconds(1'800'000'000);
constexpr const char* kCatalog = "orchard";

Result<PrivateKey> new_key(ports::Random& random) {
  return PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, ports::random_array<48>(random));
}

Result<Certificate> sign(const PrivateKey& key, const Blob& to_be_signed) {
  const Blob signature = TRY(key.sign(HashAlgorithm::Sha256, to_be_signed));
  return trust::x509::parse_certificate(trust::x509::assemble_certificate(to_be_signed, signature));
}

/// A service with one catalog whose client CA its owner certified.
struct Service {
  linux::system::SystemRandom random;
  sim::store::MemoryStore store;
  service::Keyring keyring{ports::random_secret(random, service::kServiceKeyBytes), random};
  service::identity::Issuers issuers;
  service::appraise::Documents documents;
  sim::metrics::Counts metrics;
  sim::images::MemoryImageFiles images;
  service::Settings settings{.device_urls = {}, .crl_url = "https://holdfast.example:7443"};
  service::Deps deps{store, random, keyring, issuers, documents, settings, metrics, images};
  ports::CatalogRow catalog{.name = kCatalog,
                            .state = ports::CatalogState::Ready,
                            .trust_domain = {},
                            .created_at = kNow,
                            .signed_policy = {}};
  ports::KeyRow authority;
  Blob device_spki;
};

Result<void> certify(Service& service) {
  using namespace trust::x509;
  const PrivateKey root_key = TRY(new_key(service.random));
  const Certificate root =
      TRY(sign(root_key, TRY(root_to_be_signed({.authority = Authority::Client,
                                                .catalog = kCatalog,
                                                .spki = root_key.public_key().spki(),
                                                .serial = serial_from(ports::random_array<16>(service.random)),
                                                .not_before = kNow - days(1),
                                                .not_after = kNow + days(3650)}))));
  service.authority = TRY(service.keyring.make(kCatalog, KeyPurpose::ClientCa, 1, kNow));
  const Certificate ca =
      TRY(sign(root_key, TRY(issuing_ca_to_be_signed({.authority = Authority::Client,
                                                      .catalog = kCatalog,
                                                      .number = 1,
                                                      .root = root,
                                                      .spki = service.authority.public_key,
                                                      .serial = serial_from(ports::random_array<16>(service.random)),
                                                      .not_before = kNow - days(1),
                                                      .not_after = kNow + kIssuingCaLife}))));
  service.authority.certificate = to_blob(ca.der());
  service.authority.root = to_blob(root.der());
  service.device_spki = TRY(new_key(service.random)).public_key().spki();
  return {};
}

}  // namespace

Result<Comparison> certificate_issue() {
  const auto service = std::make_shared<Service>();
  TRY(certify(*service));
  const service::identity::LeafOrder order{.kind = ports::CertificateKind::Client,
                                           .device = "hf-0123-4567-89ab-cdef",
                                           .spki = service->device_spki,
                                           .not_before = kNow - hours(1),
                                           .not_after = kNow + hours(24)};
  TRY(service::identity::issue(service->deps, service->catalog, service->authority, order));
  return Comparison{.name = "certificate-issue",
                    .what = "certificate issue",
                    .against = "one ECDSA P-256 sign",
                    .ratio_max = 1.3,
                    // All that the service does for it outside the store: serial, names, template, signature, digest.
                    .subject =
                        [service, order] {
                          const auto leaf =
                              service::identity::issue(service->deps, service->catalog, service->authority, order);
                          CHECK_INVARIANT(leaf);
                          keep(*leaf);
                        },
                    .peer = p256_sign()};
}

}  // namespace holdfast::bench
