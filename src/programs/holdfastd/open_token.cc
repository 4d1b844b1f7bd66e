#include "programs/holdfastd/open_token.h"

#include <cstdlib>

#include "linux/token/pkcs11_token.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs {
namespace {

constexpr const char* kPinName = "token.pin";
constexpr const char* kRefusedName = "token-pin-refused";

std::optional<std::filesystem::path> credential() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  auto path = std::filesystem::path(folder) / kPinName;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? std::optional(path) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ports::Token>> open_token(const std::string& uri,
                                                 const std::optional<std::filesystem::path>& pin_file,
                                                 const std::filesystem::path& folder, const Secret& service_key) {
  const bool has_source = uri.find("pin-source=") != std::string::npos;
  linux::token::TokenOptions options;
  options.uri = uri;
  options.pin_file = pin_file || has_source ? pin_file : credential();
  options.refused_pin_file = folder / kRefusedName;
  options.digest_key = Secret(trust::crypto::hmac(trust::crypto::HashAlgorithm::Sha256, service_key.expose(),
                                                  {as_bytes("holdfast-refused-pin-key-v1")}));
  return TRY(linux::token::Pkcs11Token::open(std::move(options)));
}

}  // namespace holdfast::programs
