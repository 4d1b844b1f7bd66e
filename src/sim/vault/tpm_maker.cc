#include "sim/vault/tpm_maker.h"

#include "trust/x509/authority.h"
#include "trust/x509/der.h"
#include "trust/x509/endorsement.h"
#include "trust/x509/fields.h"

namespace holdfast::sim::vault {

using namespace trust::x509;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

namespace {

constexpr std::uint8_t kKeyAgreement = 0x08;
constexpr std::string_view kRootName = "simulated TPM maker";
constexpr ByteArray<16> kRootSerial = {0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

Blob validity_from(WallTime now) { return validity(now - days(1), now + days(3650)); }

/// Manufacturer, model and firmware version, as attributes of a directory name (§3.1.2).
Blob tpm_names() {
  const auto attribute = [](std::string_view oid, std::string_view text) {
    return der_set(der_sequence({der_object_identifier(oid), der_text(text)}));
  };
  const Blob names = der_sequence({attribute("2.23.133.2.1", "id:00001014"), attribute("2.23.133.2.2", "simulated"),
                                   attribute("2.23.133.2.3", "id:00010001")});
  return extension("2.5.29.17", true, der_sequence({der_element(der_context_constructed(4), {names})}));
}

Result<Blob> signed_by(const PrivateKey& key, const TbsParts& parts) {
  const Blob to_be_signed = to_be_signed_certificate(parts);
  return assemble_certificate(to_be_signed, TRY(key.sign(HashAlgorithm::Sha256, to_be_signed)));
}

}  // namespace

Result<TpmMaker> TpmMaker::make(PrivateKey key, WallTime now) {
  const Blob spki = key.public_key().spki();
  const Blob own_name = name("", kRootName);
  const auto own_key = key_identifier(spki);
  const Blob extensions = concat({subject_key_identifier(own_key), authority_key_identifier(own_key),
                                  key_usage(kKeyCertSign | kCrlSign), basic_constraints_ca(1)});
  const Blob root = TRY(signed_by(key, {.serial = kRootSerial,
                                        .issuer = own_name,
                                        .validity = validity_from(now),
                                        .subject = own_name,
                                        .spki = spki,
                                        .extensions = extensions}));
  auto parsed = TRY(parse_certificate(root));
  return TpmMaker(std::move(key), now, std::move(parsed));
}

Result<Blob> TpmMaker::endorsement(const trust::crypto::PublicKey& ek, const ByteArray<16>& serial) const {
  const Blob spki = ek.spki();
  const Blob extensions =
      concat({authority_key_identifier(root_.subject_key_identifier()), key_usage(kKeyAgreement),
              basic_constraints_end_entity(), extended_key_usage({kEkCertificateOid}), tpm_names()});
  return signed_by(key_, {.serial = serial,
                          .issuer = root_.subject_der(),
                          .validity = validity_from(now_),
                          .subject = name("", ""),
                          .spki = spki,
                          .extensions = extensions});
}

}  // namespace holdfast::sim::vault
