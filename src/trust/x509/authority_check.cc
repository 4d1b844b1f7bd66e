#include "trust/x509/authority_check.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/path.h"

namespace holdfast::trust::x509 {
namespace {

std::unexpected<Error> wrong(std::string_view expected, const Certificate& seen) {
  return refused(Next::Rejected, kAuthorityWrong, cat("expected ", expected, ", saw '", seen.subject_text(), "'"));
}

/// The certificate made again from what it says of itself, by our own profile: the same bytes, or it is another.
Result<void> require_same(const Certificate& certificate, Bytes to_be_signed, std::string_view what) {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, certificate.held().x509.get());
  if (equal(assemble_certificate(to_be_signed, bytes_of(signature)), certificate.der())) return {};
  return wrong(cat(what, " exactly as its profile has it"), certificate);
}

Result<void> require_signed_by(const Certificate& certificate, const Certificate& root) {
  if (X509_verify(certificate.held().x509.get(), X509_get0_pubkey(root.held().x509.get())) == 1) return {};
  return wrong("a certificate signed by its root", certificate);
}

Result<ByteArray<16>> serial_of(const Certificate& certificate) {
  ByteArray<16> out;
  if (certificate.serial().size() != out.size()) return wrong("a serial of 16 bytes", certificate);
  std::ranges::copy(certificate.serial(), out.begin());
  return out;
}

}  // namespace

Result<void> require_issuing_ca(const Certificate& certificate, const Certificate& root, Authority authority,
                                std::string_view catalog, int number, WallTime now) {
  const ByteArray<16> root_serial = TRY(serial_of(root));
  const ByteArray<16> serial = TRY(serial_of(certificate));
  const Blob root_part = TRY(root_to_be_signed({.authority = authority,
                                                .catalog = std::string(catalog),
                                                .spki = root.public_key().spki(),
                                                .serial = root_serial,
                                                .not_before = root.not_before(),
                                                .not_after = root.not_after()}));
  TRY(require_same(root, root_part, "the root"));
  const Blob ca_part = TRY(issuing_ca_to_be_signed({.authority = authority,
                                                    .catalog = std::string(catalog),
                                                    .number = number,
                                                    .root = root,
                                                    .spki = certificate.public_key().spki(),
                                                    .serial = serial,
                                                    .not_before = certificate.not_before(),
                                                    .not_after = certificate.not_after()}));
  TRY(require_same(certificate, ca_part, "the issuing CA"));
  TRY(require_signed_by(root, root));
  TRY(require_signed_by(certificate, root));
  const auto current = require_validity({certificate, root}, now);
  if (!current) return fail(Next::Rejected, kAuthorityWrong, current.error().message);
  return {};
}

}  // namespace holdfast::trust::x509
