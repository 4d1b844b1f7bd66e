#include "linux/virtual_device/tpm_maker.h"

#include "base/text.h"
#include "linux/system/files.h"
#include "linux/system/program.h"
#include "trust/x509/certificate.h"

namespace holdfast::linux::virtual_device {

namespace fs = std::filesystem;

namespace {

/// Making RSA keys on a busy machine.
constexpr std::chrono::seconds kManufactureTimeMax{120};
constexpr std::size_t kIssuerBytesMax = 64 * 1024;

constexpr std::string_view kMakerOptions =
    "--platform-manufacturer Holdfast\n"
    "--platform-version 1.0\n"
    "--platform-model virtual-device\n";

Result<void> write_text(const fs::path& path, std::string_view text) {
  return system::write_file(path, as_bytes(text), system::FileMode::Public);
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!failed) return {};
  return fail(Next::Denied, system::kFileFailed,
              cat("expected to make ", printable(folder.string()), ", saw: ", failed.message()));
}

}  // namespace

Result<TpmMaker> TpmMaker::at(const fs::path& folder) {
  const fs::path home = fs::absolute(folder);
  TRY(make_folder(home));
  const std::string at = home.string();
  TRY(write_text(home / "localca.conf", cat("statedir = ", at, "\nsigningkey = ", at, "/signkey.pem\nissuercert = ", at,
                                            "/issuercert.pem\ncertserial = ", at, "/certserial\n")));
  TRY(write_text(home / "localca.options", kMakerOptions));
  TRY(write_text(home / "setup.conf", cat("create_certs_tool = swtpm_localca\ncreate_certs_tool_config = ", at,
                                          "/localca.conf\ncreate_certs_tool_options = ", at,
                                          "/localca.options\nactive_pcr_banks = sha256\n")));
  return TpmMaker(home);
}

Result<void> TpmMaker::manufacture(const fs::path& state, const std::string& serial) const {
  TRY(make_folder(state));
  return system::run_program(
      {"swtpm_setup", "--tpm2", "--tpmstate", "dir://" + fs::absolute(state).string(), "--createek", "--create-ek-cert",
       "--create-platform-cert", "--lock-nvram", "--config", (folder_ / "setup.conf").string(), "--vmid", serial},
      state.string() + ".log", kManufactureTimeMax);
}

Result<Blob> TpmMaker::issuer() const {
  const Blob pem = TRY(system::read_file(folder_ / "issuercert.pem", kIssuerBytesMax));
  const auto certificates = TRY(trust::x509::read_certificates(as_text(pem)));
  return to_blob(certificates.front().der());
}

}  // namespace holdfast::linux::virtual_device
