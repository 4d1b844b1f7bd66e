#include "trust/x509/authority_check.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::trust::x509 {
namespace {

/// ecdsa-with-SHA256 as AlgorithmIdentifier (RFC 5758 §3.2), then the head of the signature's BIT STRING.
constexpr std::size_t kAlgorithmBytes = 12;
constexpr std::size_t kBitStringHeadBytes = 3;

std::unexpected<Error> wrong(std::string message) { return fail(Next::Rejected, kAuthorityWrong, std::move(message)); }

/// `certificate` is exactly `to_be_signed` signed by `signer`.
Result<void> require_made_of(const Certificate& certificate, Bytes to_be_signed, const crypto::PublicKey& signer,
                             std::string_view what) {
  const Bytes der = certificate.der();
  const auto found = std::ranges::search(der, to_be_signed);
  const auto before_signature =
      static_cast<std::size_t>(found.end() - der.begin()) + kAlgorithmBytes + kBitStringHeadBytes;
  if (found.empty() || before_signature >= der.size()) {
    return wrong(cat("expected ", what, " exactly as its profile has it, saw another certificate"));
  }
  const Bytes signature = der.subspan(before_signature);
  if (!equal(assemble_certificate(to_be_signed, signature), der)) {
    return wrong(cat("expected ", what, " exactly as its profile has it, saw another certificate"));
  }
  if (!signer.verify(crypto::HashAlgorithm::Sha256, to_be_signed, signature)) {
    return wrong(cat("expected ", what, " to be signed by its root, saw another signature"));
  }
  return {};
}

Result<void> require_current(const Certificate& certificate, WallTime now, std::string_view what) {
  if (now >= certificate.not_before() && now <= certificate.not_after()) return {};
  return wrong(cat("expected ", what, " to be valid now, saw one valid from ", to_rfc3339(certificate.not_before()),
                   " to ", to_rfc3339(certificate.not_after())));
}

Result<ByteArray<16>> serial_of(const Certificate& certificate) {
  ByteArray<16> out;
  if (certificate.serial().size() != out.size()) return wrong("expected a serial number of 16 bytes, saw another size");
  std::ranges::copy(certificate.serial(), out.begin());
  return out;
}

}  // namespace

Result<void> require_issuing_ca(const Certificate& certificate, const Certificate& root, Authority authority,
                                const std::string& catalog, int number, WallTime now) {
  TRY(require_current(root, now, "the root"));
  TRY(require_current(certificate, now, "the issuing CA"));
  const Blob root_part = TRY(root_to_be_signed({.authority = authority,
                                                .catalog = catalog,
                                                .spki = root.public_key().spki(),
                                                .serial = TRY(serial_of(root)),
                                                .not_before = root.not_before(),
                                                .not_after = root.not_after()}));
  TRY(require_made_of(root, root_part, root.public_key(), "the root"));
  const Blob ca_part = TRY(issuing_ca_to_be_signed({.authority = authority,
                                                    .catalog = catalog,
                                                    .number = number,
                                                    .root = root,
                                                    .spki = certificate.public_key().spki(),
                                                    .serial = TRY(serial_of(certificate)),
                                                    .not_before = certificate.not_before(),
                                                    .not_after = certificate.not_after()}));
  return require_made_of(certificate, ca_part, root.public_key(), "the issuing CA");
}

}  // namespace holdfast::trust::x509
