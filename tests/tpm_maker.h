// A maker of TPMs for tests: a root, and endorsement certificates for the chips of src/sim/vault.
#pragma once

#include "sim/vault/soft_vault.h"
#include "trust/x509/endorsement.h"
#include "trust/x509/forged_test.h"

namespace holdfast::tests {

class TpmMaker {
 public:
  TpmMaker(std::uint8_t seed, WallTime now)
      : key_(trust::x509::key_from(seed)),
        now_(now),
        root_(trust::x509::certify(key_, {.issuer = trust::x509::name("", "maker root"),
                                          .subject = trust::x509::name("", "maker root"),
                                          .spki = key_.public_key().spki(),
                                          .extensions = trust::x509::ca_extensions(
                                              key_, trust::x509::key_identifier(key_.public_key().spki()), 1),
                                          .not_before = now - days(1),
                                          .not_after = now + days(3650)})) {}

  Blob root() const { return to_blob(root_.der()); }

  Blob endorsement(const trust::crypto::PublicKey& ek) const {
    using namespace trust::x509;
    return to_blob(certify(key_, {.issuer = to_blob(root_.subject_der()),
                                  .subject = name("", ""),
                                  .spki = ek.spki(),
                                  .extensions = concat({authority_key_identifier(root_.subject_key_identifier()),
                                                        key_usage(kKeyAgreement), basic_constraints_end_entity(),
                                                        extended_key_usage({kEkCertificateOid}), tpm_names()}),
                                  .not_before = now_ - days(1),
                                  .not_after = now_ + days(3650)})
                       .der());
  }

 private:
  static constexpr std::uint8_t kKeyAgreement = 0x08;

  static Blob tpm_names() {
    using namespace trust::x509;
    const auto attribute = [](std::string_view oid, std::string_view text) {
      return der_set(der_sequence({der_object_identifier(oid), der_text(text)}));
    };
    const Blob directory_name =
        der_sequence({attribute("2.23.133.2.1", "id:00001014"), attribute("2.23.133.2.2", "simulated"),
                      attribute("2.23.133.2.3", "id:00010001")});
    return extension("2.5.29.17", true, der_sequence({der_element(der_context_constructed(4), {directory_name})}));
  }

  trust::crypto::PrivateKey key_;
  WallTime now_;
  trust::x509::Certificate root_;
};

}  // namespace holdfast::tests
