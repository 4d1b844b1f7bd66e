// A TPM maker in a folder: a root CA, an issuing CA under it (swtpm_localca, made at the first use) and a factory that
// makes TPM states with endorsement certificates. Several devices may come from one maker. Its root is what an owner
// accepts with `holdfast tpm-root add`.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::virtual_device {

class TpmMaker {
 public:
  /// Makes the folder with the tools' configuration where it is missing.
  static Result<TpmMaker> at(const std::filesystem::path& folder);

  /// A new TPM's state in `state`, an empty or missing folder; `serial` names the device in its certificate.
  Result<void> manufacture(const std::filesystem::path& state, const std::string& serial) const;

  /// PEM; there from the first manufacture on.
  std::filesystem::path root_certificate() const { return folder_ / "swtpm-localca-rootca-cert.pem"; }
  /// DER of the CA between the root and the endorsement certificates.
  Result<Blob> issuer() const;

 private:
  explicit TpmMaker(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace holdfast::linux::virtual_device
