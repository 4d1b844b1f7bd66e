#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/key_held.h"

namespace holdfast::trust::crypto {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;

/// SubjectPublicKeyInfo of an uncompressed P-256 point up to the point itself (RFC 5480).
constexpr ByteArray<27> kP256Prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

Result<KeyKind> kind_of_curve(const EC_KEY* key) {
  switch (EC_KEY_decoded_from_explicit_params(key) == 0 ? EC_GROUP_get_curve_name(EC_KEY_get0_group(key)) : NID_undef) {
    case NID_X9_62_prime256v1: return KeyKind::EcP256;
    case NID_secp384r1: return KeyKind::EcP384;
    case NID_secp521r1: return KeyKind::EcP521;
    default: break;
  }
  return fail(Next::Rejected, kKeyUnsupported, "expected the named curve P-256, P-384 or P-521, saw another");
}

}  // namespace

std::unexpected<Error> refused(Next next, Reason reason, std::string message) {
  ERR_clear_error();
  return fail(next, reason, std::move(message));
}

bool is_ec(KeyKind kind) { return kind == KeyKind::EcP256 || kind == KeyKind::EcP384 || kind == KeyKind::EcP521; }

int curve_nid(KeyKind kind) {
  return kind == KeyKind::EcP256   ? NID_X9_62_prime256v1
         : kind == KeyKind::EcP384 ? NID_secp384r1
         : kind == KeyKind::EcP521 ? NID_secp521r1
                                   : NID_undef;
}

EcKey empty_key(KeyKind curve) {
  // Building a group costs 9 µs, copying one 1 µs; one verification costs about 65.
  using Group = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;
  static const Group p256(EC_GROUP_new_by_curve_name(curve_nid(KeyKind::EcP256)));
  static const Group p384(EC_GROUP_new_by_curve_name(curve_nid(KeyKind::EcP384)));
  static const Group p521(EC_GROUP_new_by_curve_name(curve_nid(KeyKind::EcP521)));
  const Group& group = curve == KeyKind::EcP256 ? p256 : curve == KeyKind::EcP384 ? p384 : p521;
  EcKey key(EC_KEY_new());
  CHECK_INVARIANT(is_ec(curve) && key && EC_KEY_set_group(key.get(), group.get()) == 1);
  return key;
}

std::size_t coordinate_bytes(KeyKind kind) {
  return kind == KeyKind::EcP256 ? 32 : kind == KeyKind::EcP384 ? 48 : kind == KeyKind::EcP521 ? 66 : 0;
}

const EVP_MD* md_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::Sha1: return EVP_sha1();
    case HashAlgorithm::Sha256: return EVP_sha256();
    case HashAlgorithm::Sha384: return EVP_sha384();
    case HashAlgorithm::Sha512: return EVP_sha512();
  }
  return nullptr;
}

Number number(Bytes big_endian) {
  return Number(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

std::string_view name_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::EcP256: return "P-256";
    case KeyKind::EcP384: return "P-384";
    case KeyKind::EcP521: return "P-521";
    case KeyKind::Rsa: return "RSA";
    case KeyKind::Ed25519: return "Ed25519";
  }
  return "unknown";
}

PublicKey::PublicKey(std::unique_ptr<Held> held) : held_(std::move(held)) {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

PublicKey::PublicKey(const PublicKey& other) : held_(std::make_unique<Held>()) {
  held_->kind = other.held_->kind;
  if (other.held_->ec) {
    EC_KEY_up_ref(other.held_->ec.get());
    held_->ec.reset(other.held_->ec.get());
  }
  if (other.held_->pkey) {
    EVP_PKEY_up_ref(other.held_->pkey.get());
    held_->pkey.reset(other.held_->pkey.get());
  }
}

PublicKey& PublicKey::operator=(const PublicKey& other) {
  if (this != &other) *this = PublicKey(other);
  return *this;
}

Pkey PublicKey::Held::as_pkey() const {
  if (pkey) {
    EVP_PKEY_up_ref(pkey.get());
    return Pkey(pkey.get());
  }
  Pkey wrapped(EVP_PKEY_new());
  CHECK_INVARIANT(wrapped && EVP_PKEY_set1_EC_KEY(wrapped.get(), ec.get()) == 1);
  return wrapped;
}

Result<PublicKey> PublicKey::adopt(void* evp_pkey) {
  auto held = std::make_unique<Held>();
  held->pkey.reset(static_cast<EVP_PKEY*>(evp_pkey));
  switch (EVP_PKEY_get_base_id(held->pkey.get())) {
    case EVP_PKEY_ED25519: held->kind = KeyKind::Ed25519; return PublicKey(std::move(held));
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(held->pkey.get());
      if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
        return refused(Next::Rejected, kKeyUnsupported,
                       cat("expected RSA of ", kRsaBitsMin, " to ", kRsaBitsMax, " bits, saw ", bits));
      }
      held->kind = KeyKind::Rsa;
      return PublicKey(std::move(held));
    }
    case EVP_PKEY_EC: {
      held->ec.reset(EVP_PKEY_get1_EC_KEY(held->pkey.get()));
      if (!held->ec) return refused(Next::Rejected, kKeyMalformed, "expected an EC key, saw one that does not decode");
      held->kind = TRY(kind_of_curve(held->ec.get()));
      held->pkey.reset();
      return PublicKey(std::move(held));
    }
    default: break;
  }
  return refused(Next::Rejected, kKeyUnsupported, "expected an EC, RSA or Ed25519 key, saw another kind");
}

Result<PublicKey> PublicKey::from_spki(Bytes der) {
  if (der.size() == kP256Prefix.size() + 64 && equal(der.first(kP256Prefix.size()), kP256Prefix)) {
    const Bytes point = der.subspan(kP256Prefix.size());
    return from_point(KeyKind::EcP256, {to_blob(point.first(32)), to_blob(point.last(32))});
  }
  const std::uint8_t* at = der.data();
  EVP_PKEY* decoded = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (decoded == nullptr || at != der.data() + der.size()) {
    EVP_PKEY_free(decoded);
    return refused(Next::Rejected, kKeyMalformed,
                   cat("expected one SubjectPublicKeyInfo, saw ", der.size(), " bytes that are none"));
  }
  return adopt(decoded);
}

Result<PublicKey> PublicKey::from_point(KeyKind curve, const EcPoint& point) {
  const std::size_t size = coordinate_bytes(curve);
  if (point.x.size() != size || point.y.size() != size) {
    return fail(Next::Rejected, kKeyMalformed,
                cat("expected coordinates of ", size, " bytes, saw ", point.x.size(), " and ", point.y.size()));
  }
  auto held = std::make_unique<Held>();
  held->kind = curve;
  held->ec = empty_key(curve);
  const EC_GROUP* group = EC_KEY_get0_group(held->ec.get());
  const Point at(EC_POINT_new(group));
  // The three curves have cofactor 1, so that a point on the curve is a valid key; setting coordinates checks just
  // that.
  if (EC_POINT_set_affine_coordinates(group, at.get(), number(point.x).get(), number(point.y).get(), nullptr) != 1 ||
      EC_KEY_set_public_key(held->ec.get(), at.get()) != 1) {
    return refused(Next::Rejected, kKeyMalformed,
                   cat("expected a point of ", name_of(curve), ", saw one off the curve"));
  }
  return PublicKey(std::move(held));
}

Result<PublicKey> PublicKey::from_rsa(Bytes modulus, std::uint32_t exponent) {
  RsaKey rsa(RSA_new());
  Number e(BN_new());
  CHECK_INVARIANT(rsa && e && BN_set_word(e.get(), exponent) == 1);
  if (exponent < 3 || exponent % 2 == 0 || modulus.empty() || modulus.back() % 2 == 0) {
    return fail(Next::Rejected, kKeyMalformed, "expected an odd RSA modulus and exponent, saw an even one");
  }
  BIGNUM* const n = number(modulus).release();
  CHECK_INVARIANT(RSA_set0_key(rsa.get(), n, e.release(), nullptr) == 1);
  Pkey pkey(EVP_PKEY_new());
  CHECK_INVARIANT(pkey && EVP_PKEY_assign_RSA(pkey.get(), rsa.get()) == 1);
  const RSA* const held = rsa.release();  // by the pkey from now on
  CHECK_INVARIANT(held != nullptr);
  return adopt(pkey.release());
}

Result<PublicKey> PublicKey::from_ed25519(Bytes raw) {
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size());
  if (key == nullptr) {
    return refused(Next::Rejected, kKeyMalformed, cat("expected an Ed25519 key of 32 bytes, saw ", raw.size()));
  }
  return adopt(key);
}

KeyKind PublicKey::kind() const { return held_->kind; }

Blob PublicKey::spki() const {
  if (held_->kind == KeyKind::EcP256) {
    const auto at = point();
    return concat({kP256Prefix, at->x, at->y});
  }
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(held_->as_pkey().get(), &der);
  CHECK_INVARIANT(size > 0);
  Blob out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Digest256 PublicKey::spki_sha256() const { return sha256(spki()); }

Result<EcPoint> PublicKey::point() const {
  if (!held_->ec) return fail(Next::NotFound, kKeyUnsupported, cat("expected an EC key, saw ", name_of(held_->kind)));
  const std::size_t size = coordinate_bytes(held_->kind);
  const Number x(BN_new());
  const Number y(BN_new());
  CHECK_INVARIANT(EC_POINT_get_affine_coordinates(EC_KEY_get0_group(held_->ec.get()),
                                                  EC_KEY_get0_public_key(held_->ec.get()), x.get(), y.get(),
                                                  nullptr) == 1);
  EcPoint out{Blob(size), Blob(size)};
  BN_bn2binpad(x.get(), out.x.data(), static_cast<int>(size));
  BN_bn2binpad(y.get(), out.y.data(), static_cast<int>(size));
  return out;
}

Result<Blob> PublicKey::rsa_modulus() const {
  if (held_->kind != KeyKind::Rsa) {
    return fail(Next::NotFound, kKeyUnsupported, cat("expected an RSA key, saw ", name_of(held_->kind)));
  }
  const RSA* rsa = EVP_PKEY_get0_RSA(held_->pkey.get());
  Blob out(static_cast<std::size_t>(RSA_size(rsa)));
  BN_bn2binpad(RSA_get0_n(rsa), out.data(), static_cast<int>(out.size()));
  return out;
}

std::uint32_t PublicKey::rsa_exponent() const {
  if (held_->kind != KeyKind::Rsa) return 0;
  const BN_ULONG e = BN_get_word(RSA_get0_e(EVP_PKEY_get0_RSA(held_->pkey.get())));
  return e <= 0xFFFFFFFFu ? static_cast<std::uint32_t>(e) : 0;
}

std::size_t PublicKey::bits() const {
  return static_cast<std::size_t>(held_->ec ? EC_GROUP_get_degree(EC_KEY_get0_group(held_->ec.get()))
                                            : EVP_PKEY_get_bits(held_->pkey.get()));
}

}  // namespace holdfast::trust::crypto
