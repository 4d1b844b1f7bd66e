#include "programs/simulation/owner.h"

#include "base/encoding.h"
#include "base/text.h"
#include "service/appraise/references.h"
#include "service/claim/owner_documents.h"
#include "service/claim/release.h"
#include "service/claim/tickets.h"
#include "service/identity/rotation.h"
#include "service/rollout/director.h"
#include "service/startup/startup.h"
#include "service/webhook/webhooks.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/device_release.h"
#include "trust/x509/authority.h"

namespace holdfast::programs::simulation {
namespace {

using service::OperatorCaller;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;
using trust::tuf::RoleName;
using trust::x509::Authority;

/// As `holdfast owner` gives it to roots and to trust policies.
constexpr Duration kRootDocumentLife = days(3650);
constexpr Duration kTrustPolicyLife = days(5 * 365);

const service::Caller kOperator = OperatorCaller{"ada", "", service::Scope::Own};

PrivateKey new_key(ports::Random& random) {
  return *PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, ports::random_secret(random, 48).expose());
}

Result<Blob> certificate(const PrivateKey& signer, Result<Blob> to_be_signed) {
  const Blob part = TRY(std::move(to_be_signed));
  return trust::x509::assemble_certificate(part, TRY(signer.sign(HashAlgorithm::Sha256, part)));
}

Result<void> add_signature_of(const PrivateKey& key, trust::tuf::Envelope& document) {
  return trust::tuf::add_signature(document, TRY(trust::tuf::make_key(key.public_key())),
                                   TRY(key.sign(HashAlgorithm::Sha256, document.to_be_signed)));
}

Result<Blob> signed_document(Result<trust::tuf::Envelope> envelope, const PrivateKey& key) {
  trust::tuf::Envelope document = TRY(std::move(envelope));
  TRY(add_signature_of(key, document));
  return trust::tuf::dump_envelope(document);
}

}  // namespace

Owner::Owner(sim::random::SeededRandom random, std::string_view catalog)
    : catalog_(catalog),
      random_(std::move(random)),
      root_key_(new_key(random_)),
      client_root_key_(new_key(random_)),
      update_root_key_(new_key(random_)) {}

Result<Blob> Owner::root(WallTime now) {
  roots_ = 1;
  return signed_document(
      trust::tuf::make_root(trust::tuf::first_root({root_key_.public_key()}, 1, now + kRootDocumentLife)), root_key_);
}

Result<Blob> Owner::trust_policy(service::Deps& deps, WallTime now) {
  const auto identity = TRY(service::startup::server_identity(deps, {{"service.test"}, {}}, now));
  trust::tuf::TrustPolicy policy;
  policy.version = ++trust_policies_;
  policy.catalog = catalog_;
  policy.services = deps.settings.device_urls;
  policy.service_ca = identity.service_ca;
  policy.tpm_roots = tpm_roots_;
  policy.director = director_;
  policy.expires = now + kTrustPolicyLife;
  return signed_document(trust::tuf::make_trust_policy(policy), root_key_);
}

Result<service::catalog::CertifiedAuthority> Owner::certified(ports::KeyPurpose purpose, std::int64_t number,
                                                              Bytes spki, WallTime now) {
  const bool is_client = purpose == ports::KeyPurpose::ClientCa;
  const Authority kind = is_client ? Authority::Client : Authority::Update;
  const PrivateKey& key = is_client ? client_root_key_ : update_root_key_;
  Blob& root = is_client ? client_root_ : update_root_;
  const auto serial = [&] { return trust::x509::serial_from(ports::random_array<16>(random_)); };
  if (root.empty()) {
    root = TRY(certificate(key, trust::x509::root_to_be_signed({.authority = kind,
                                                                .catalog = catalog_,
                                                                .spki = key.public_key().spki(),
                                                                .serial = serial(),
                                                                .not_before = now - hours(1),
                                                                .not_after = now + trust::x509::kRootLife})));
  }
  const auto anchor = TRY(trust::x509::parse_certificate(root));
  const Blob issuing =
      TRY(certificate(key, trust::x509::issuing_ca_to_be_signed({.authority = kind,
                                                                 .catalog = catalog_,
                                                                 .number = static_cast<int>(number),
                                                                 .root = anchor,
                                                                 .spki = to_blob(spki),
                                                                 .serial = serial(),
                                                                 .not_before = now - hours(1),
                                                                 .not_after = now + trust::x509::kIssuingCaLife})));
  return service::catalog::CertifiedAuthority{issuing, root};
}

Result<void> Owner::certify(service::Deps& deps, WallTime now) {
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    const auto prepared = TRY(service::catalog::prepare_authorities(tx, deps, catalog_, kOperator, now));
    const auto made = [&](const ports::KeyRow& key) { return certified(key.purpose, key.number, key.public_key, now); };
    const auto client = TRY(made(prepared.client));
    const auto update = TRY(made(prepared.update));
    return service::catalog::certify_authorities(tx, catalog_, client, update, kOperator, now);
  });
}

Result<void> Owner::found_catalog(service::Deps& deps, WallTime now) {
  service::catalog::NewCatalog order;
  order.name = catalog_;
  order.owner_root = TRY(root(now));
  const Blob policy = TRY(trust_policy(deps, now));
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(service::catalog::create_catalog(tx, deps, order, kOperator, now));
    TRY(service::claim::add_trust_policy(tx, catalog_, policy, kOperator, now));
    TRY(service::catalog::create_product(tx, {catalog_, std::string(kProduct), "", now}, kOperator));
    return service::catalog::create_device_group(
        tx, {catalog_, std::string(kProduct), std::string(kGroup), "default", "", now}, kOperator);
  }));
  TRY(certify(deps, now));
  deps.store.flush([](const Result<void>&) {});
  return {};
}

Result<void> Owner::subscribe(service::Deps& deps, WallTime now) {
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(service::webhook::create_webhook(
        tx, deps, {catalog_, std::string(kWebhook), "https://relying.test/", {}, {"certificate-ended"}}, kOperator,
        now));
    return {};
  });
}

Result<void> Owner::allow(service::Deps& deps, const trust::appraisal::ReferenceSet& set, WallTime now) {
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    const auto row = TRY(service::appraise::add_reference_set(tx, catalog_, set, kOperator, now));
    return service::appraise::allow_reference_set(tx, catalog_, row.id, kProduct, kGroup, kOperator, now);
  });
}

Result<void> Owner::publish_policy(service::Deps& deps, WallTime now) {
  const Blob policy = TRY(trust_policy(deps, now));
  return deps.store.write(
      [&](ports::Transaction& tx) { return service::claim::add_trust_policy(tx, catalog_, policy, kOperator, now); });
}

Result<void> Owner::trust_makers(service::Deps& deps, std::vector<Blob> tpm_roots, WallTime now) {
  tpm_roots_ = std::move(tpm_roots);
  return publish_policy(deps, now);
}

Result<void> Owner::appoint_director(service::Deps& deps, WallTime now, bool renew) {
  std::optional<ports::KeyRow> row;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    row = TRY(service::rollout::prepare_director(tx, deps, catalog_, renew, kOperator, now));
    return {};
  }));
  auto key = TRY(trust::tuf::make_key(TRY(trust::crypto::PublicKey::from_spki(row->public_key))));
  director_ = trust::tuf::Director{{key}, {{key.id}, 1}};
  return publish_policy(deps, now);
}

Result<Blob> Owner::sign(RoleName role, Result<trust::tuf::Envelope> document) {
  const auto own = role_keys_.find(role);
  return signed_document(std::move(document), own == role_keys_.end() ? root_key_ : own->second);
}

Result<void> Owner::rotate_root(service::Deps& deps, WallTime now) {
  PrivateKey next = new_key(random_);
  trust::tuf::RootDraft draft = trust::tuf::first_root({next.public_key()}, 1, now + kRootDocumentLife);
  draft.version = roots_ + 1;
  std::map<RoleName, PrivateKey> role_keys;
  for (const RoleName role : {RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp}) {
    PrivateKey key = new_key(random_);
    draft.roles[static_cast<std::size_t>(role)].keys = {draft.keys.size()};
    draft.keys.push_back(key.public_key());
    role_keys.emplace(role, std::move(key));
  }
  trust::tuf::Envelope document = TRY(trust::tuf::make_root(draft));
  TRY(add_signature_of(next, document));
  const Blob root = TRY(signed_document(std::move(document), root_key_));
  TRY(deps.store.write(
      [&](ports::Transaction& tx) { return service::claim::add_root(tx, catalog_, root, kOperator, now); }));
  root_key_ = std::move(next);
  role_keys_ = std::move(role_keys);
  ++roots_;
  return {};
}

Result<void> Owner::rotate_authorities(service::Deps& deps, WallTime now) {
  namespace identity = service::identity;
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    for (const auto purpose : {ports::KeyPurpose::ClientCa, ports::KeyPurpose::UpdateCa}) {
      for (const auto& one : TRY(identity::authorities_of(tx, deps, catalog_, purpose, now))) {
        if (one.may_retire) TRY(identity::retire_authority(tx, deps, catalog_, purpose, one.number, kOperator, now));
      }
      const auto key = TRY(identity::prepare_authority(tx, deps, catalog_, purpose, kOperator, now));
      const auto made = TRY(certified(purpose, key.number, key.public_key, now));
      TRY(service::catalog::certify_next_authority(tx, catalog_, purpose, made, identity::kAnnouncedUsual, kOperator,
                                                   now));
    }
    return {};
  });
}

Result<void> Owner::expect_key(service::Deps& deps, const Digest256& ek_sha256, WallTime now) {
  const std::string line = cat(to_hex(ek_sha256), ",", kProduct, ",", kGroup);
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(service::claim::add_expected_keys(tx, catalog_, line, kOperator, now));
    return {};
  });
}

Result<void> Owner::let_go(service::Deps& deps, const std::string& device, WallTime now) {
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    const auto row = TRY(ports::Table<ports::DeviceRow>(tx).find(catalog_, device));
    if (!row) return fail(Next::NotFound, service::kNothingThere, cat("there is no device ", device));
    const Blob statement =
        TRY(signed_document(trust::tuf::make_device_release({.catalog = catalog_,
                                                             .device = device,
                                                             .version = row->enrolments,
                                                             .attestation_key = trust::crypto::sha256(row->ak_public),
                                                             .expires = now + days(30)}),
                            root_key_));
    TRY(service::claim::order_release(tx, *row, statement, kOperator, now));
    return {};
  }));
  deps.store.flush([](const Result<void>&) {});
  return {};
}

Result<Blob> Owner::vouch(const trust::tuf::CatalogExport& archive) {
  return signed_document(trust::tuf::make_catalog_export(archive), root_key_);
}

Result<Blob> Owner::ticket(service::Deps& deps, std::optional<std::string> device, WallTime now) {
  Blob file;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    service::claim::TicketOrder order;
    order.catalog = catalog_;
    order.product = kProduct;
    order.device_group = kGroup;
    order.device = device;
    file = TRY(service::claim::create_ticket(tx, deps, order, kOperator, now)).encode();
    return {};
  }));
  deps.store.flush([](const Result<void>&) {});
  return file;
}

}  // namespace holdfast::programs::simulation
