#include "trust/x509/endorsement.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/form.h"
#include "trust/x509/path.h"

namespace holdfast::trust::x509 {
namespace {

/// TPM attributes of TCG EK Credential Profile 2.5 §3.1.2.
constexpr std::string_view kManufacturerOid = "2.23.133.2.1";
constexpr std::string_view kModelOid = "2.23.133.2.2";
constexpr std::string_view kVersionOid = "2.23.133.2.3";
constexpr std::size_t kAttributeBytesMax = 128;
constexpr std::uint32_t kSigningUsages = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION | KU_KEY_CERT_SIGN | KU_CRL_SIGN;

std::unexpected<Error> no_endorsement(std::string_view expected, std::string_view seen) {
  return fail(Next::Rejected, kEndorsementProfile,
              cat("expected an endorsement certificate with ", expected, ", saw ", printable(seen, 120)));
}

/// What decrypts credentials signs nothing (§3.5.4), or its owner could pass it off as another kind of key.
Result<void> require_usage(const Certificate& certificate) {
  if (certificate.is_ca()) return no_endorsement("no power to certify", "a CA");
  if (certificate.extended_key_usages() != std::vector{std::string(kEkCertificateOid)}) {
    return no_endorsement(cat("the extended key usage ", kEkCertificateOid, " alone"),
                          join(certificate.extended_key_usages(), ", "));
  }
  if (certificate.held().extension(kOidKeyUsage) == nullptr) return no_endorsement("a key usage", "none");
  const std::uint32_t usage = X509_get_key_usage(certificate.held().x509.get());
  const bool rsa = certificate.public_key().kind() == crypto::KeyKind::Rsa;
  if ((usage & (rsa ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT)) == 0 || (usage & kSigningUsages) != 0) {
    return no_endorsement(rsa ? "key encipherment and no signing" : "key agreement and no signing",
                          cat("bits ", usage));
  }
  return {};
}

Result<void> require_key(const crypto::PublicKey& key) {
  const bool known = key.kind() == crypto::KeyKind::EcP256 || key.kind() == crypto::KeyKind::EcP384 ||
                     (key.kind() == crypto::KeyKind::Rsa && key.bits() == 2048);
  if (known) return {};
  return no_endorsement("a key of RSA-2048, P-256 or P-384", cat(name_of(key.kind()), " of ", key.bits(), " bits"));
}

void read_attributes(const X509_NAME* name, TpmModel& model) {
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const std::string oid = oid_of(X509_NAME_ENTRY_get_object(entry));
    const std::string text = printable(text_of(X509_NAME_ENTRY_get_data(entry)), kAttributeBytesMax);
    if (oid == kManufacturerOid) model.manufacturer = text;
    if (oid == kModelOid) model.model = text;
    if (oid == kVersionOid) model.version = text;
  }
}

Result<TpmModel> read_model(const Certificate& certificate) {
  const GENERAL_NAMES* names = certificate.held().names.all.get();
  TpmModel model;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DIRNAME) read_attributes(name->d.directoryName, model);
  }
  if (model.manufacturer.empty() || model.model.empty() || model.version.empty()) {
    return no_endorsement("a TPM's manufacturer, model and version", "fewer");
  }
  return model;
}

Result<void> require_path(const std::vector<Certificate>& path, WallTime now) {
  if (!std::all_of(path.begin() + 1, path.end(), [](const Certificate& ca) { return ca.is_ca(); })) {
    return fail(Next::Rejected, kEndorsementUntrusted, "expected CAs above the endorsement certificate, saw another");
  }
  TRY(require_constraints(path));
  return require_validity(path, now);
}

}  // namespace

Result<Verified<EndorsementCertificate>> verify_endorsement(const Certificate& certificate,
                                                            const std::vector<Certificate>& intermediates,
                                                            const std::vector<Certificate>& roots, WallTime now) {
  if (intermediates.size() > kUntrustedMax || roots.size() > kTrustedMax || !is_within_budget(certificate)) {
    return fail(Next::Rejected, kChainBudget, "expected fewer certificates and names, saw too many");
  }
  TRY(require_usage(certificate));
  TRY(require_key(certificate.public_key()));
  TpmModel model = TRY(read_model(certificate));
  const PathRules rules{.strict = false, .purpose = {}, .accept = [&](const std::vector<Certificate>& path) {
                          return require_path(path, now);
                        }};
  auto path = find_path(certificate, intermediates, roots, rules);
  if (!path) return fail(Next::Rejected, kEndorsementUntrusted, std::move(path).error().message);
  return Verified<EndorsementCertificate>({certificate, path->back(), std::move(model)}, Proof());
}

}  // namespace holdfast::trust::x509
