#include "sim/vault/soft_vault.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"
#include "trust/tpm/credential.h"
#include "trust/tpm/endorsement.h"
#include "trust/tpm/signature.h"

namespace holdfast::sim::vault {

namespace crypto = trust::crypto;
namespace tpm = trust::tpm;

namespace {

constexpr std::uint32_t kEndorsementHierarchy = 0x4000000B;  // TPM_RH_ENDORSEMENT
constexpr std::uint64_t kFirmwareVersion = 0x0001'0000'0000'0000;
constexpr std::uint32_t kQuotedMask = 0xFFFF;
constexpr unsigned kQuotedPcrs = 16;
constexpr unsigned kResettablePcrFirst = 17;
constexpr unsigned kResettablePcrLast = 22;
constexpr std::size_t kP256Bytes = 32;
/// Enough for the scalar of the larger curve.
constexpr std::size_t kKeyEntropyBytes = 64;

using Pcrs = std::array<Digest256, tpm::kPcrCount>;

/// PC Client Platform TPM Profile §4.6.2: the dynamic-launch PCRs start from ones, the others from zero.
Pcrs pcrs_after_reset() {
  Pcrs pcrs{};
  for (unsigned pcr = kResettablePcrFirst; pcr <= kResettablePcrLast; ++pcr) pcrs[pcr].fill(0xFF);
  return pcrs;
}

Result<crypto::PrivateKey> make_endorsement(ports::Random& random, EndorsementKind kind) {
  if (kind == EndorsementKind::Rsa2048) return crypto::PrivateKey::generate_rsa2048();
  const Secret entropy = random_secret(random, kKeyEntropyBytes);
  return crypto::PrivateKey::ec_from_entropy(
      kind == EndorsementKind::EcP256 ? crypto::KeyKind::EcP256 : crypto::KeyKind::EcP384, entropy.expose());
}

/// Qualified name of a child of `parent` (TPM 2.0 Part 1 §16.5), names being SHA-256 ones.
Blob qualified_name(Bytes parent, Bytes name) {
  const Digest256 digest = crypto::sha256({parent, name});
  return ByteWriter(Endian::Big).u16(static_cast<std::uint16_t>(crypto::HashAlgorithm::Sha256)).bytes(digest).take();
}

/// That of the endorsement hierarchy's storage key, which every key of the vault hangs under.
Result<Blob> storage_name(ports::Random& random) {
  const Secret entropy = random_secret(random, kKeyEntropyBytes);
  const auto key = TRY(crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, entropy.expose()));
  tpm::PublicArea area{.type = tpm::ObjectType::Ecc,
                       .name_algorithm = crypto::HashAlgorithm::Sha256,
                       .attributes = tpm::kFixedTpm | tpm::kFixedParent | tpm::kSensitiveDataOrigin |
                                     tpm::kUserWithAuth | tpm::kRestricted | tpm::kDecrypt,
                       .auth_policy = {},
                       .aes_bits = std::uint16_t{128},
                       .scheme = std::nullopt,
                       .key = key.public_key(),
                       .bytes = {}};
  area.bytes = tpm::marshal(area);
  return qualified_name(ByteWriter(Endian::Big).u32(kEndorsementHierarchy).take(), tpm::name_of(area));
}

std::optional<crypto::HashAlgorithm> hash_of_size(std::size_t size) {
  using enum crypto::HashAlgorithm;
  for (const crypto::HashAlgorithm hash : {Sha256, Sha384, Sha512}) {
    if (crypto::digest_size(hash) == size) return hash;
  }
  return std::nullopt;
}

}  // namespace

struct SoftVault::Chip {
  std::shared_ptr<const crypto::PrivateKey> endorsement_key;  // shared by clones
  tpm::PublicArea endorsement;
  Blob storage_name;
  std::optional<Blob> certificate = {};
  std::vector<Blob> issuers = {};
  ByteArray<crypto::kSealKeyBytes> proof;  ///< seals key blobs; a clear makes another
  Pcrs pcrs = pcrs_after_reset();
  bool is_boot_good = false;
  std::uint32_t reset_count = 0;
  std::uint64_t clock_ms = 0;  ///< powered time up to `powered_at`
  Instant powered_at;
};

struct SoftVault::LoadedKey {
  tpm::PublicArea area;
  crypto::PrivateKey key;

  bool restricted() const { return (area.attributes & tpm::kRestricted) != 0; }
  bool bound() const { return !area.auth_policy.empty(); }
};

Result<std::unique_ptr<SoftVault>> SoftVault::make(ports::Random& random, ports::Clock& clock, EndorsementKind kind) {
  auto key = std::make_shared<const crypto::PrivateKey>(TRY(make_endorsement(random, kind)));
  tpm::PublicArea area = TRY(tpm::endorsement_area(key->public_key()));
  Blob parent = TRY(storage_name(random));
  std::unique_ptr<Chip> chip(new Chip{.endorsement_key = std::move(key),
                                      .endorsement = std::move(area),
                                      .storage_name = std::move(parent),
                                      .proof = ports::random_array<crypto::kSealKeyBytes>(random),
                                      .powered_at = clock.now()});
  return std::unique_ptr<SoftVault>(new SoftVault(random, clock, std::move(chip)));
}

SoftVault::SoftVault(ports::Random& random, ports::Clock& clock, std::unique_ptr<Chip> chip)
    : random_(random), clock_(clock), chip_(std::move(chip)) {}
SoftVault::~SoftVault() = default;

void SoftVault::install_certificate(Blob certificate, std::vector<Blob> chain) {
  chip_->certificate = std::move(certificate);
  chip_->issuers = std::move(chain);
}

const tpm::PublicArea& SoftVault::endorsement_public() const { return chip_->endorsement; }
const Pcrs& SoftVault::pcrs() const { return chip_->pcrs; }

void SoftVault::reset() {
  chip_->clock_ms = clock_info().clock_ms;
  chip_->powered_at = clock_.now();
  chip_->pcrs = pcrs_after_reset();
  ++chip_->reset_count;
}

void SoftVault::extend(unsigned pcr, const Digest256& digest) {
  CHECK_INVARIANT(pcr < tpm::kPcrCount);
  chip_->pcrs[pcr] = crypto::sha256({chip_->pcrs[pcr], digest});
}

void SoftVault::clear() {
  random_.fill(chip_->proof);
  chip_->clock_ms = 0;
  chip_->powered_at = clock_.now();
  chip_->reset_count = 0;
}

std::unique_ptr<SoftVault> SoftVault::clone() const {
  return std::unique_ptr<SoftVault>(new SoftVault(random_, clock_, std::make_unique<Chip>(*chip_)));
}

Result<ports::EndorsementKey> SoftVault::endorsement_key() {
  return ports::EndorsementKey{chip_->endorsement.bytes, chip_->certificate, chip_->issuers};
}

namespace {

tpm::PublicArea area_for(ports::KeyUse use, const crypto::PublicKey& key, bool is_boot_good) {
  if (use == ports::KeyUse::Attestation) return tpm::attestation_key_area(key);
  const bool is_bound = use == ports::KeyUse::Client && is_boot_good;
  return is_bound ? tpm::bound_key_area(key, crypto::sha256(as_bytes("a good boot"))) : tpm::tls_key_area(key);
}

}  // namespace

Result<ports::VaultKey> SoftVault::create_key(ports::KeyUse use) {
  const Secret entropy = random_secret(random_, kKeyEntropyBytes);
  const auto key = TRY(crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, entropy.expose()));
  const tpm::PublicArea area = area_for(use, key.public_key(), chip_->is_boot_good);
  const auto nonce = ports::random_array<crypto::kSealNonceBytes>(random_);
  return ports::VaultKey{area.bytes, crypto::seal(chip_->proof, nonce, tpm::name_of(area), entropy.expose())};
}

bool SoftVault::binds_client_keys() { return chip_->is_boot_good; }

void SoftVault::call_boot_good(bool is_good) { chip_->is_boot_good = is_good; }

Result<SoftVault::LoadedKey> SoftVault::load(const ports::VaultKey& key) const {
  auto area = tpm::parse_public_area(key.public_area);
  if (!area)
    return fail(Next::Rejected, ports::kVaultKeyForeign,
                "expected a public area of this vault: " + area.error().message);
  const auto entropy = crypto::unseal(chip_->proof, tpm::name_of(*area), key.private_blob);
  if (!entropy) {
    return fail(Next::Rejected, ports::kVaultKeyForeign,
                "expected a key blob that this vault made since it was last cleared: " + entropy.error().message);
  }
  auto made = TRY(crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP256, entropy->expose()));
  return LoadedKey{std::move(*area), std::move(made)};
}

Result<Secret> SoftVault::activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                              Bytes encrypted_secret) {
  const LoadedKey signer = TRY(load(attestation_key));
  auto secret = tpm::open_credential(chip_->endorsement, *chip_->endorsement_key, tpm::name_of(signer.area),
                                     credential_blob, encrypted_secret);
  if (!secret) return fail(Next::Rejected, ports::kVaultRefused, std::move(secret).error().message);
  return secret;
}

tpm::ClockInfo SoftVault::clock_info() const {
  const Duration powered = clock_.now() - chip_->powered_at;
  return {.clock_ms = chip_->clock_ms + static_cast<std::uint64_t>(powered.count()),
          .reset_count = chip_->reset_count,
          .restart_count = 0,
          .safe = true};
}

Result<ports::Attestation> SoftVault::attest(const LoadedKey& signer, const Digest256& qualifying_data,
                                             std::variant<tpm::QuoteInfo, tpm::CertifyInfo> attested) const {
  // A key without a scheme of its own would need one in the command, which the port does not give.
  if (!signer.restricted()) {
    return fail(Next::Rejected, ports::kVaultRefused, "expected an attestation key, saw a TLS key");
  }
  const tpm::Attest attest{.qualified_signer = qualified_name(chip_->storage_name, tpm::name_of(signer.area)),
                           .extra_data = to_blob(qualifying_data),
                           .clock_info = clock_info(),
                           .firmware_version = kFirmwareVersion,
                           .attested = std::move(attested)};
  Blob bytes = tpm::marshal(attest);
  const Blob der = TRY(signer.key.sign(crypto::HashAlgorithm::Sha256, bytes));
  const auto signature = TRY(tpm::tpm_signature_from_der(crypto::HashAlgorithm::Sha256, der, kP256Bytes));
  return ports::Attestation{std::move(bytes), tpm::marshal(signature)};
}

Result<ports::QuotedPcrs> SoftVault::quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) {
  const LoadedKey signer = TRY(load(attestation_key));
  std::vector<Digest256> values(chip_->pcrs.begin(), chip_->pcrs.begin() + kQuotedPcrs);
  tpm::QuoteInfo quoted{.selections = {{.bank = crypto::HashAlgorithm::Sha256, .mask = kQuotedMask}},
                        .pcr_digest = to_blob(tpm::pcr_digest_of(values))};
  ports::Attestation attestation = TRY(attest(signer, qualifying_data, std::move(quoted)));
  return ports::QuotedPcrs{std::move(attestation), std::move(values)};
}

Result<ports::Attestation> SoftVault::certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                              const Digest256& qualifying_data) {
  const LoadedKey signer = TRY(load(attestation_key));
  const LoadedKey subject = TRY(load(key));
  Blob name = tpm::name_of(subject.area);
  Blob qualified = qualified_name(chip_->storage_name, name);
  return attest(signer, qualifying_data, tpm::CertifyInfo{std::move(name), std::move(qualified)});
}

Result<Blob> SoftVault::sign(const ports::VaultKey& key, Bytes digest) {
  const LoadedKey signer = TRY(load(key));
  if (signer.restricted()) {
    return fail(Next::Rejected, ports::kVaultRefused,
                "expected a TLS key, saw an attestation key, which signs only what the vault made");
  }
  if (signer.bound() && !chip_->is_boot_good) {
    return fail(Next::Denied, ports::kVaultClosed, "expected a boot that the key is for, saw another");
  }
  const auto hash = hash_of_size(digest.size());
  if (!hash) {
    return fail(Next::Rejected, ports::kVaultRefused,
                cat("expected a digest of 32, 48 or 64 bytes, saw ", digest.size()));
  }
  return signer.key.sign_digest(*hash, digest);
}

}  // namespace holdfast::sim::vault
