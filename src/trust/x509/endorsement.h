// Whether an endorsement-key certificate shows a TPM of a maker that is trusted (TCG EK Credential Profile 2.5 §3).
// Verifies the chain to a TPM root, the EK's own usage (2.23.133.8.1 alone, key encipherment or agreement), its key
// (RSA-2048, P-256 or P-384), and the TPM attributes in its subject alternative name; refuses a CA posing as an EK.
// TPM makers' roots and intermediates are old and odd, so the web's rules of form do not apply to them; the signatures,
// basic constraints, path lengths and validity do.
#pragma once

#include "trust/verified.h"
#include "trust/x509/certificate.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kEndorsementUntrusted{"endorsement-untrusted"};  ///< no path to a TPM root in force
inline constexpr Reason kEndorsementProfile{"endorsement-profile"};      ///< not the certificate of an EK

inline constexpr std::string_view kEkCertificateOid = "2.23.133.8.1";

/// What the maker says of the chip: untrusted text in a signed certificate, made printable.
struct TpmModel {
  std::string manufacturer;  ///< e.g. `id:49424D00`
  std::string model;
  std::string version;
};

struct EndorsementCertificate {
  Certificate certificate;
  Certificate root;
  TpmModel tpm;
  const crypto::PublicKey& key() const { return certificate.public_key(); }
};

Result<Verified<EndorsementCertificate>> verify_endorsement(const Certificate& certificate,
                                                            const std::vector<Certificate>& intermediates,
                                                            const std::vector<Certificate>& roots, WallTime now);

}  // namespace holdfast::trust::x509
