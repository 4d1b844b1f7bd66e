#include "trust/tpm/public_area.h"

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast::trust::tpm {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;

// TCG Algorithm Registry and Part 2 §6.4.
constexpr std::uint16_t kAlgorithmAes = 0x0006;
constexpr std::uint16_t kAlgorithmCfb = 0x0043;
constexpr std::uint16_t kAlgorithmNull = 0x0010;
constexpr std::uint16_t kCurveP256 = 0x0003;
constexpr std::uint16_t kCurveP384 = 0x0004;
constexpr std::uint16_t kCurveP521 = 0x0005;

constexpr std::uint32_t kRsaExponent = 65537;  ///< what an exponent field of 0 stands for (Part 2 §12.2.3.5)
constexpr std::size_t kModulusBytesMax = 512;
constexpr std::size_t kCoordinateBytesMax = 66;

std::unexpected<Error> unsupported(std::string_view what, std::string_view expected, std::uint16_t seen) {
  return fail(Next::Rejected, kPublicAreaUnsupported,
              cat("public area: expected ", expected, " as its ", what, ", saw algorithm ", seen));
}

Result<ObjectType> read_type(ByteReader& in) {
  const std::uint16_t id = TRY(in.u16());
  switch (static_cast<ObjectType>(id)) {
    case ObjectType::Rsa: return ObjectType::Rsa;
    case ObjectType::Ecc: return ObjectType::Ecc;
  }
  return unsupported("type", "RSA or ECC", id);
}

Result<Blob> read_policy(ByteReader& in, HashAlgorithm name_algorithm) {
  const Bytes policy = TRY(in.sized16(crypto::kDigestBytesMax));
  if (!policy.empty() && policy.size() != crypto::digest_size(name_algorithm)) {
    return fail(Next::Rejected, kPublicAreaMalformed,
                cat("public area: expected a policy of 0 or ", crypto::digest_size(name_algorithm), " bytes, saw ",
                    policy.size()));
  }
  return to_blob(policy);
}

Result<std::optional<std::uint16_t>> read_symmetric(ByteReader& in) {
  const std::uint16_t algorithm = TRY(in.u16());
  if (algorithm == kAlgorithmNull) return std::nullopt;
  if (algorithm != kAlgorithmAes) return unsupported("symmetric algorithm", "AES or none", algorithm);
  const std::uint16_t bits = TRY(in.u16());
  if (bits != 128 && bits != 256) {
    return fail(Next::Rejected, kPublicAreaUnsupported, cat("public area: expected AES-128 or AES-256, saw ", bits));
  }
  const std::uint16_t mode = TRY(in.u16());
  if (mode != kAlgorithmCfb) return unsupported("symmetric mode", "CFB", mode);
  return bits;
}

Result<std::optional<SigningScheme>> read_scheme(ByteReader& in, ObjectType type) {
  const std::uint16_t id = TRY(in.u16());
  if (id == kAlgorithmNull) return std::nullopt;
  const auto kind = static_cast<SchemeKind>(id);
  const bool fits =
      type == ObjectType::Ecc ? kind == SchemeKind::Ecdsa : kind == SchemeKind::Rsassa || kind == SchemeKind::Rsapss;
  if (!fits) return unsupported("scheme", type == ObjectType::Ecc ? "ECDSA or none" : "RSASSA, RSAPSS or none", id);
  const crypto::HashAlgorithm hash = TRY(crypto::hash_algorithm(TRY(in.u16())));
  return SigningScheme{kind, hash};
}

Result<crypto::PublicKey> read_rsa(ByteReader& in) {
  const std::size_t bits = TRY(in.u16());
  const std::uint32_t exponent = TRY(in.u32());
  if (exponent != 0) {
    return fail(Next::Rejected, kPublicAreaUnsupported,
                cat("public area: expected the RSA exponent 0 (65537), saw ", exponent));
  }
  const Bytes modulus = TRY(in.sized16(kModulusBytesMax));
  if (bits % 8 != 0 || modulus.size() != bits / 8 || modulus.empty() || modulus[0] < 0x80) {
    return fail(Next::Rejected, kPublicAreaMalformed,
                cat("public area: expected an RSA modulus of ", bits, " bits, saw ", modulus.size(), " bytes"));
  }
  return crypto::PublicKey::from_rsa(modulus, kRsaExponent);
}

Result<KeyKind> curve_of(std::uint16_t id) {
  switch (id) {
    case kCurveP256: return KeyKind::EcP256;
    case kCurveP384: return KeyKind::EcP384;
    case kCurveP521: return KeyKind::EcP521;
    default: break;
  }
  return fail(Next::Rejected, kPublicAreaUnsupported,
              cat("public area: expected the curve P-256, P-384 or P-521, saw curve ", id));
}

Result<crypto::PublicKey> read_ecc(ByteReader& in) {
  const KeyKind curve = TRY(curve_of(TRY(in.u16())));
  const std::uint16_t kdf = TRY(in.u16());
  if (kdf != kAlgorithmNull) return unsupported("key derivation", "none", kdf);
  crypto::EcPoint point;
  point.x = to_blob(TRY(in.sized16(kCoordinateBytesMax)));
  point.y = to_blob(TRY(in.sized16(kCoordinateBytesMax)));
  return crypto::PublicKey::from_point(curve, point);
}

void write_key(ByteWriter& out, const crypto::PublicKey& key) {
  if (key.kind() == KeyKind::Rsa) {
    CHECK_INVARIANT(key.rsa_exponent() == kRsaExponent);
    out.u16(static_cast<std::uint16_t>(key.bits())).u32(0).sized16(*key.rsa_modulus());
    return;
  }
  const auto point = key.point();
  CHECK_INVARIANT(point.has_value());
  const std::uint16_t curve = key.kind() == KeyKind::EcP256   ? kCurveP256
                              : key.kind() == KeyKind::EcP384 ? kCurveP384
                                                              : kCurveP521;
  out.u16(curve).u16(kAlgorithmNull).sized16(point->x).sized16(point->y);
}

}  // namespace

Result<PublicArea> parse_public_area(Bytes bytes) {
  if (bytes.size() > kPublicAreaBytesMax) {
    return fail(Next::Rejected, kPublicAreaMalformed,
                cat("public area: expected at most ", kPublicAreaBytesMax, " bytes, saw ", bytes.size()));
  }
  ByteReader in(bytes, Endian::Big, "public area");
  const ObjectType type = TRY(read_type(in));
  const HashAlgorithm name_algorithm = TRY(crypto::hash_algorithm(TRY(in.u16())));
  const std::uint32_t attributes = TRY(in.u32());
  Blob auth_policy = TRY(read_policy(in, name_algorithm));
  const std::optional<std::uint16_t> aes_bits = TRY(read_symmetric(in));
  const std::optional<SigningScheme> scheme = TRY(read_scheme(in, type));
  crypto::PublicKey key = TRY(type == ObjectType::Rsa ? read_rsa(in) : read_ecc(in));
  TRY(in.done());
  return PublicArea{type,     name_algorithm, attributes,     std::move(auth_policy),
                    aes_bits, scheme,         std::move(key), to_blob(bytes)};
}

Blob marshal(const PublicArea& area) {
  ByteWriter out(Endian::Big);
  out.u16(static_cast<std::uint16_t>(area.type)).u16(static_cast<std::uint16_t>(area.name_algorithm));
  out.u32(area.attributes).sized16(area.auth_policy);
  if (area.aes_bits) {
    out.u16(kAlgorithmAes).u16(*area.aes_bits).u16(kAlgorithmCfb);
  } else {
    out.u16(kAlgorithmNull);
  }
  if (area.scheme) {
    out.u16(static_cast<std::uint16_t>(area.scheme->kind)).u16(static_cast<std::uint16_t>(area.scheme->hash));
  } else {
    out.u16(kAlgorithmNull);
  }
  write_key(out, area.key);
  return out.take();
}

Blob name_of(const PublicArea& area) {
  return ByteWriter(Endian::Big)
      .u16(static_cast<std::uint16_t>(area.name_algorithm))
      .bytes(crypto::hash(area.name_algorithm, {area.bytes}))
      .take();
}

}  // namespace holdfast::trust::tpm
