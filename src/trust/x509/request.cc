#include "trust/x509/request.h"

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/elements_held.h"
#include "trust/x509/fields.h"

namespace holdfast::trust::x509 {
namespace {

std::unexpected<Error> malformed(std::string_view expected, std::string_view seen) {
  return refused(Next::Rejected, kRequestMalformed, cat("expected ", expected, ", saw ", seen));
}

using NameHeld = std::unique_ptr<X509_NAME, Freer<X509_NAME_free>>;

/// CertificationRequest (RFC 2986 §4), its elements as they came.
struct Parts {
  Bytes info;  ///< what is signed, whole
  Bytes subject;
  Bytes key;
  Bytes signature;
};

/// Any attributes are passed over, and as common software leaves them out, so may a request.
std::optional<Parts> parts_of_info(const Element& info, Bytes signature) {
  Bytes rest = info.contents;
  const auto version = take(rest, kDerInteger);
  if (!version || !equal(version->contents, ByteArray<1>{0})) return std::nullopt;
  const auto subject = take(rest, kDerSequence);
  const auto key = subject ? take(rest, kDerSequence) : std::nullopt;
  if (!key || (!rest.empty() && !take(rest, der_context_constructed(0))) || !rest.empty()) return std::nullopt;
  return Parts{info.whole, subject->whole, key->whole, signature};
}

Result<Parts> parts_of(Bytes der) {
  const auto none = malformed("one certification request", cat(der.size(), " bytes that are none"));
  Bytes after = der;
  const auto outer = take(after, kDerSequence);
  if (!outer || !after.empty()) return none;
  Bytes rest = outer->contents;
  const auto info = take(rest, kDerSequence);
  const auto algorithm = info ? take(rest, kDerSequence) : std::nullopt;
  const auto signature = algorithm ? take(rest, kDerBitString) : std::nullopt;
  if (!signature || !rest.empty() || signature->contents.empty() || signature->contents.front() != 0) return none;
  const auto parts = parts_of_info(*info, signature->contents.subspan(1));
  if (!parts) return none;
  if (!equal(algorithm->whole, der_ecdsa_sha256())) {
    return malformed("ECDSA with SHA-256", "another signature algorithm");
  }
  return *parts;
}

Result<std::optional<std::string>> common_name_of(Bytes subject) {
  const std::uint8_t* at = subject.data();
  const NameHeld name(d2i_X509_NAME(nullptr, &at, static_cast<long>(subject.size())));
  if (!name || at != subject.data() + subject.size()) return malformed("a subject", "none");
  return only_value(name.get(), NID_commonName);
}

}  // namespace

Result<CertificateRequest> parse_request(Bytes der) {
  if (der.size() > kRequestBytesMax) {
    return malformed(cat("a request of at most ", kRequestBytesMax, " bytes"), cat(der.size()));
  }
  const Parts parts = TRY(parts_of(der));
  if (!is_p256_spki(parts.key)) return malformed("a P-256 key", "another");
  auto common_name = TRY(common_name_of(parts.subject));
  crypto::PublicKey key = TRY(crypto::PublicKey::from_spki(parts.key));
  if (!equal(key.spki(), parts.key)) return malformed("a key in the one form that it has", "another");
  if (!key.verify(crypto::HashAlgorithm::Sha256, parts.info, parts.signature)) {
    return refused(Next::Rejected, kRequestUnproven,
                   "expected a request signed by the key in it, saw another signature");
  }
  return CertificateRequest{std::move(key), std::move(common_name)};
}

Blob request_to_be_signed(const crypto::PublicKey& key, std::string_view organization, std::string_view common_name) {
  const Blob no_attributes = der_element(der_context_constructed(0), {});
  return der_sequence({der_integer(std::uint64_t{0}), name(organization, common_name), key.spki(), no_attributes});
}

Blob assemble_request(Bytes to_be_signed, Bytes signature_der) {
  return der_signed_with_ecdsa_sha256(to_be_signed, signature_der);
}

}  // namespace holdfast::trust::x509
