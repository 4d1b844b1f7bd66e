#include "trust/tpm/signature.h"

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::trust::tpm {
namespace {

constexpr std::uint16_t kEcdsa = 0x0018;  ///< TPM_ALG_ECDSA

}  // namespace

Result<TpmSignature> parse_signature(Bytes bytes) {
  if (bytes.size() > kSignatureBytesMax) {
    return fail(Next::Rejected, kSignatureMalformed,
                cat("signature: expected at most ", kSignatureBytesMax, " bytes, saw ", bytes.size()));
  }
  ByteReader in(bytes, Endian::Big, "signature");
  const std::uint16_t algorithm = TRY(in.u16());
  if (algorithm != kEcdsa) {
    return fail(Next::Rejected, kSignatureUnsupported, cat("signature: expected ECDSA, saw algorithm ", algorithm));
  }
  const auto hash = TRY(crypto::hash_algorithm(TRY(in.u16())));
  Blob r = to_blob(TRY(in.sized16(kScalarBytesMax)));
  Blob s = to_blob(TRY(in.sized16(kScalarBytesMax)));
  TRY(in.done());
  if (r.empty() || s.empty()) {
    return fail(Next::Rejected, kSignatureMalformed, "signature: expected two scalars, saw an empty one");
  }
  return TpmSignature{hash, std::move(r), std::move(s)};
}

Blob marshal(const TpmSignature& signature) {
  return ByteWriter(Endian::Big)
      .u16(kEcdsa)
      .u16(static_cast<std::uint16_t>(signature.hash))
      .sized16(signature.r)
      .sized16(signature.s)
      .take();
}

Result<TpmSignature> tpm_signature_from_der(crypto::HashAlgorithm hash, Bytes der, std::size_t coordinate_bytes) {
  auto scalars = TRY(crypto::ecdsa_from_der(der, coordinate_bytes));
  return TpmSignature{hash, std::move(scalars.r), std::move(scalars.s)};
}

Result<Blob> to_der(const TpmSignature& signature) { return crypto::ecdsa_to_der(signature.r, signature.s); }

}  // namespace holdfast::trust::tpm
