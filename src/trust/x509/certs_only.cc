#include "trust/x509/certs_only.h"

#include "trust/x509/der.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::string_view kDataOid = "1.2.840.113549.1.7.1";
constexpr std::string_view kSignedDataOid = "1.2.840.113549.1.7.2";
constexpr std::string_view kEcPublicKeyOid = "1.2.840.10045.2.1";
constexpr std::string_view kP256Oid = "1.2.840.10045.3.1.7";
constexpr std::string_view kEcdsaSha256Oid = "1.2.840.10045.4.3.2";

}  // namespace

Blob certs_only(const std::vector<Blob>& certificates) {
  Blob all;
  for (const Blob& certificate : certificates) all.insert(all.end(), certificate.begin(), certificate.end());
  const Blob nothing = der_set({});
  const Blob no_content = der_sequence({der_object_identifier(kDataOid)});
  const Blob signed_data = der_sequence(
      {der_integer(std::uint64_t{1}), nothing, no_content, der_element(der_context_constructed(0), {all}), nothing});
  return der_sequence({der_object_identifier(kSignedDataOid), der_element(der_context_constructed(0), {signed_data})});
}

Blob wanted_request_attributes() {
  const Blob key = der_sequence({der_object_identifier(kEcPublicKeyOid), der_set(der_object_identifier(kP256Oid))});
  return der_sequence({key, der_object_identifier(kEcdsaSha256Oid)});
}

}  // namespace holdfast::trust::x509
