#include "trust/crypto/hpke.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/cipher.h"

namespace holdfast::trust::crypto {
namespace {

constexpr std::uint16_t kKem = 0x0010;   // DHKEM(P-256, HKDF-SHA256)
constexpr std::uint16_t kKdf = 0x0001;   // HKDF-SHA256
constexpr std::uint16_t kAead = 0x0001;  // AES-128-GCM
constexpr std::uint8_t kModeBase = 0;
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kCoordinateBytes = 32;
constexpr std::uint8_t kUncompressed = 4;  // SEC 1 §2.3.3

Blob suite_of_kem() { return ByteWriter(Endian::Big).bytes(as_bytes("KEM")).u16(kKem).take(); }
Blob suite() { return ByteWriter(Endian::Big).bytes(as_bytes("HPKE")).u16(kKem).u16(kKdf).u16(kAead).take(); }

/// §4: LabeledExtract. One hash's size.
Secret extract(Bytes suite_id, Bytes salt, std::string_view label, Bytes material) {
  // A missing salt is zeros of the hash's size, which HMAC pads an empty key to as well.
  return Secret(hmac(HashAlgorithm::Sha256, salt, {as_bytes("HPKE-v1"), suite_id, as_bytes(label), material}));
}

/// LabeledExpand, up to one hash's size.
Secret expand(Bytes suite_id, const Secret& key, std::string_view label, Bytes info, std::uint16_t size) {
  CHECK_INVARIANT(size <= Digest256{}.size());
  const Blob length = ByteWriter(Endian::Big).u16(size).take();
  constexpr std::uint8_t kFirst[] = {1};
  Secret block(hmac(HashAlgorithm::Sha256, key.expose(),
                    {length, as_bytes("HPKE-v1"), suite_id, as_bytes(label), info, kFirst}));
  return Secret(block.expose().first(size));
}

Result<Blob> point_bytes(const PublicKey& key) {
  if (key.kind() != KeyKind::EcP256) {
    return fail(Next::Rejected, kKeyUnsupported, cat("expected a P-256 key to seal to, saw ", name_of(key.kind())));
  }
  const EcPoint point = TRY(key.point());
  return concat({ByteArray<1>{kUncompressed}, point.x, point.y});
}

/// For the one message that there is.
struct Schedule {
  Secret key;
  ByteArray<kSealNonceBytes> nonce{};
};

/// §4.1 and §5.1 from the shared point on.
Schedule schedule_of(const Secret& agreed, Bytes encapsulated, Bytes recipient, Bytes info) {
  const Blob kem = suite_of_kem();
  const Secret seed = extract(kem, {}, "eae_prk", agreed.expose());
  const Secret shared = expand(kem, seed, "shared_secret", concat({encapsulated, recipient}), 32);
  const Blob id = suite();
  const Secret psk_id = extract(id, {}, "psk_id_hash", {});
  const Secret info_hash = extract(id, {}, "info_hash", info);
  const Blob schedule = concat({ByteArray<1>{kModeBase}, psk_id.expose(), info_hash.expose()});
  const Secret secret = extract(id, shared.expose(), "secret", {});
  Schedule out{expand(id, secret, "key", schedule, kKeyBytes), {}};
  const Secret nonce = expand(id, secret, "base_nonce", schedule, kSealNonceBytes);
  std::ranges::copy(nonce.expose(), out.nonce.begin());
  return out;
}

std::unexpected<Error> unopened() {
  return fail(Next::Corrupt, kHpkeUnopened,
              "expected what was sealed to this key, in this context, and not changed since; saw something else");
}

}  // namespace

Result<Blob> hpke_seal(const PublicKey& to, Bytes entropy, Bytes info, Bytes associated, Bytes plaintext) {
  const Blob recipient = TRY(point_bytes(to));
  const PrivateKey once = TRY(PrivateKey::ec_from_entropy(KeyKind::EcP256, entropy));
  const Blob encapsulated = TRY(point_bytes(once.public_key()));
  const Schedule derived = schedule_of(TRY(once.agree(to)), encapsulated, recipient, info);
  return concat({encapsulated, gcm_encrypt(derived.key.expose(), derived.nonce, associated, plaintext)});
}

Result<Secret> hpke_open(const PrivateKey& key, Bytes info, Bytes associated, Bytes sealed) {
  const Blob recipient = TRY(point_bytes(key.public_key()));
  if (sealed.size() < kHpkeOverheadBytes || sealed.front() != kUncompressed) return unopened();
  const Bytes encapsulated = sealed.first(kHpkeEncapsulatedBytes);
  const EcPoint point{to_blob(encapsulated.subspan(1, kCoordinateBytes)), to_blob(encapsulated.last(kCoordinateBytes))};
  const auto once = PublicKey::from_point(KeyKind::EcP256, point);
  if (!once) return unopened();
  const Schedule derived = schedule_of(TRY(key.agree(*once)), encapsulated, recipient, info);
  auto opened = gcm_decrypt(derived.key.expose(), derived.nonce, associated, sealed.subspan(kHpkeEncapsulatedBytes));
  return opened ? std::move(opened) : unopened();
}

}  // namespace holdfast::trust::crypto
