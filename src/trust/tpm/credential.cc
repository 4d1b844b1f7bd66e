#include "trust/tpm/credential.h"

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"

namespace holdfast::trust::tpm {
namespace {

using crypto::KeyKind;

constexpr std::size_t kRsaBits = 2048;
constexpr std::size_t kCoordinateBytesMax = 48;
constexpr std::uint8_t kIdentityLabel[] = {'I', 'D', 'E', 'N', 'T', 'I', 'T', 'Y', 0};  ///< OAEP hashes the NUL too

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Next::Rejected, kCredentialWrong,
              cat("expected a credential for this endorsement key and this name, saw ", what));
}

std::uint32_t digest_bits(const PublicArea& area) {
  return static_cast<std::uint32_t>(crypto::digest_size(area.name_algorithm) * 8);
}

/// The size of the key that protects credentials; also says that `area` is fit to receive them.
Result<std::uint32_t> storage_cipher_bits(const PublicArea& area) {
  const KeyKind kind = area.key.kind();
  const bool known =
      kind == KeyKind::EcP256 || kind == KeyKind::EcP384 || (kind == KeyKind::Rsa && area.key.bits() == kRsaBits);
  constexpr std::uint32_t kStorage = kRestricted | kDecrypt;
  if (known && area.aes_bits && (area.attributes & (kStorage | kSign)) == kStorage) return *area.aes_bits;
  return fail(Next::Rejected, kCredentialUnsupported,
              cat("expected a restricted decryption key of RSA-2048, P-256 or P-384 with AES, saw ",
                  crypto::name_of(kind), " of ", area.key.bits(), " bits"));
}

/// Part 1 Annex C.6.1: the seed of an ECC parent.
Secret seed_of(const PublicArea& endorsement, const Secret& shared, const crypto::EcPoint& ephemeral) {
  return crypto::kdf_e(endorsement.name_algorithm, shared.expose(), "IDENTITY", ephemeral.x, endorsement.key.point()->x,
                       digest_bits(endorsement));
}

struct Keys {
  Secret cipher;
  Secret integrity;
};

/// Part 1 §24.4 and §24.5.
Result<Keys> keys_of(const PublicArea& endorsement, const Secret& seed, Bytes name) {
  const std::uint32_t cipher_bits = TRY(storage_cipher_bits(endorsement));
  const auto derive = [&](std::string_view label, Bytes context, std::uint32_t bits) {
    return crypto::kdf_a(endorsement.name_algorithm, seed.expose(), label, context, {}, bits);
  };
  return Keys{derive("STORAGE", name, cipher_bits), derive("INTEGRITY", {}, digest_bits(endorsement))};
}

Result<Blob> protect(const PublicArea& endorsement, const Secret& seed, Bytes name, Bytes secret) {
  const Keys keys = TRY(keys_of(endorsement, seed, name));
  const Secret sized(concat({ByteArray<2>{0, static_cast<std::uint8_t>(secret.size())}, secret}));
  const Blob encrypted = crypto::aes_cfb_encrypt(keys.cipher.expose(), sized.expose());
  const Blob mac = crypto::hmac(endorsement.name_algorithm, keys.integrity.expose(), {encrypted, name});
  return ByteWriter(Endian::Big).sized16(mac).bytes(encrypted).take();
}

struct SharedSeed {
  Secret seed;
  Blob encrypted;
};

/// Part 1 Annex B.10.4: the seed itself, under OAEP.
Result<SharedSeed> seed_for_rsa(const PublicArea& endorsement, Bytes entropy) {
  Secret seed(entropy.first(crypto::digest_size(endorsement.name_algorithm)));
  Blob encrypted = TRY(endorsement.key.encrypt_oaep(endorsement.name_algorithm, kIdentityLabel, seed.expose()));
  return SharedSeed{std::move(seed), std::move(encrypted)};
}

/// Part 1 Annex C.6.4: an ephemeral point, from which the TPM finds the seed.
Result<SharedSeed> seed_for_ecc(const PublicArea& endorsement, Bytes entropy) {
  const auto ephemeral = TRY(crypto::PrivateKey::ec_from_entropy(endorsement.key.kind(), entropy));
  const crypto::EcPoint point = TRY(ephemeral.public_key().point());
  const Secret shared = TRY(ephemeral.agree(endorsement.key));
  return SharedSeed{seed_of(endorsement, shared, point),
                    ByteWriter(Endian::Big).sized16(point.x).sized16(point.y).take()};
}

Result<Secret> recover_seed(const PublicArea& endorsement, const crypto::PrivateKey& key, Bytes encrypted) {
  if (endorsement.key.kind() == KeyKind::Rsa) {
    auto seed = key.decrypt_oaep(endorsement.name_algorithm, kIdentityLabel, encrypted);
    if (!seed || seed->size() != crypto::digest_size(endorsement.name_algorithm)) return wrong("another RSA seed");
    return seed;
  }
  ByteReader in(encrypted, Endian::Big, "encrypted secret");
  crypto::EcPoint point;
  point.x = to_blob(TRY(in.sized16(kCoordinateBytesMax)));
  point.y = to_blob(TRY(in.sized16(kCoordinateBytesMax)));
  TRY(in.done());
  const auto ephemeral = TRY(crypto::PublicKey::from_point(endorsement.key.kind(), point));
  const Secret shared = TRY(key.agree(ephemeral));
  return seed_of(endorsement, shared, point);
}

}  // namespace

Result<Credential> make_credential(const PublicArea& endorsement, Bytes attestation_key_name, Bytes secret,
                                   Bytes entropy) {
  CHECK_INVARIANT(entropy.size() == kCredentialEntropyBytes);
  CHECK_INVARIANT(!secret.empty() && secret.size() <= kCredentialSecretBytesMax);
  TRY(storage_cipher_bits(endorsement));
  const bool rsa = endorsement.key.kind() == KeyKind::Rsa;
  SharedSeed shared = TRY(rsa ? seed_for_rsa(endorsement, entropy) : seed_for_ecc(endorsement, entropy));
  Blob blob = TRY(protect(endorsement, shared.seed, attestation_key_name, secret));
  return Credential{std::move(blob), std::move(shared.encrypted)};
}

Result<Secret> open_credential(const PublicArea& endorsement, const crypto::PrivateKey& endorsement_key,
                               Bytes attestation_key_name, Bytes credential_blob, Bytes encrypted_secret) {
  TRY(storage_cipher_bits(endorsement));
  const Secret seed = TRY(recover_seed(endorsement, endorsement_key, encrypted_secret));
  const Keys keys = TRY(keys_of(endorsement, seed, attestation_key_name));
  ByteReader in(credential_blob, Endian::Big, "credential blob");
  const Bytes mac = TRY(in.sized16(crypto::kDigestBytesMax));
  const Bytes encrypted = in.rest();
  const Blob expected =
      crypto::hmac(endorsement.name_algorithm, keys.integrity.expose(), {encrypted, attestation_key_name});
  if (!equal_in_constant_time(mac, expected)) return wrong("another integrity value");
  const Secret sized(crypto::aes_cfb_decrypt(keys.cipher.expose(), encrypted));
  ByteReader opened(sized.expose(), Endian::Big, "credential");
  Secret secret(TRY(opened.sized16(crypto::kDigestBytesMax)));
  TRY(opened.done());
  return secret;
}

}  // namespace holdfast::trust::tpm
