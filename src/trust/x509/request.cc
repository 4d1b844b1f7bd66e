#include "trust/x509/request.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/der.h"
#include "trust/x509/fields.h"

namespace holdfast::trust::x509 {
namespace {

using RequestHeld = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return refused(Next::Rejected, kRequestMalformed, cat("expected ", expected, ", saw ", seen));
}

Blob spki_of(X509_REQ* request) {
  std::uint8_t* spki = nullptr;
  const int size = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &spki);
  Blob out(spki, spki + std::max(size, 0));
  OPENSSL_free(spki);
  return out;
}

}  // namespace

Result<CertificateRequest> parse_request(Bytes der) {
  if (der.size() > kRequestBytesMax) {
    return malformed(cat("a request of at most ", kRequestBytesMax, " bytes"), cat(der.size()));
  }
  const std::uint8_t* at = der.data();
  const RequestHeld request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request || at != der.data() + der.size()) {
    return malformed("one certification request", cat(der.size(), " bytes that are none"));
  }
  const Blob spki = spki_of(request.get());
  if (!is_p256_spki(spki)) return malformed("a P-256 key", "another");
  crypto::PublicKey key = TRY(crypto::PublicKey::from_spki(spki));
  if (X509_REQ_get_signature_nid(request.get()) != NID_ecdsa_with_SHA256) {
    return malformed("ECDSA with SHA-256", "another signature algorithm");
  }
  if (X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1) {
    return refused(Next::Rejected, kRequestUnproven,
                   "expected a request signed by the key in it, saw another signature");
  }
  return CertificateRequest{std::move(key), only_value(X509_REQ_get_subject_name(request.get()), NID_commonName)};
}

Blob request_to_be_signed(const crypto::PublicKey& key, std::string_view organization, std::string_view common_name) {
  const Blob no_attributes = der_element(der_context_constructed(0), {});
  return der_sequence({der_integer(std::uint64_t{0}), name(organization, common_name), key.spki(), no_attributes});
}

Blob assemble_request(Bytes to_be_signed, Bytes signature_der) {
  return der_signed_with_ecdsa_sha256(to_be_signed, signature_der);
}

}  // namespace holdfast::trust::x509
