// A token reached by PKCS#11 through p11-kit. Keys are P-256, made in the token, and not extractable. Signing runs in
// parallel in as many sessions as there are threads, up to kSessionsMax. Lost sessions are opened again, with a new
// login. A PIN that the token refused is never tried again, by this process or the next: tokens lock after some tries.
#pragma once

#include <filesystem>
#include <optional>

#include "base/secret.h"
#include "ports/token.h"

namespace holdfast::linux::token {

inline constexpr Reason kTokenUriWrong{"token-uri-wrong"};
inline constexpr Reason kTokenModuleMissing{"token-module-missing"};
inline constexpr Reason kTokenMissing{"token-missing"};
inline constexpr Reason kTokenPinMissing{"token-pin-missing"};
inline constexpr Reason kTokenPinWrong{"token-pin-wrong"};
inline constexpr Reason kTokenLocked{"token-locked"};
inline constexpr Reason kTokenUnfit{"token-unfit"};  ///< it cannot do what is asked of it

inline constexpr std::size_t kSessionsMax = 16;
inline constexpr std::size_t kPinBytesMax = 256;

struct TokenOptions {
  std::string uri;                                ///< RFC 7512: which token, and perhaps module-path and pin-source
  std::optional<std::filesystem::path> pin_file;  ///< where the URI has no pin-source
  std::filesystem::path refused_pin_file;         ///< remembers a PIN that was refused, by its keyed digest
  Secret digest_key;                              ///< for that
};

class Sessions;

class Pkcs11Token final : public ports::Token {
 public:
  /// Logged in.
  static Result<std::unique_ptr<Pkcs11Token>> open(TokenOptions options);
  ~Pkcs11Token() override;

  Result<Key> make(const std::string& label) override;
  Result<std::shared_ptr<ports::Signer>> open(const std::string& reference) override;
  Result<void> destroy(const std::string& reference) override;

 private:
  explicit Pkcs11Token(std::shared_ptr<Sessions> sessions) : sessions_(std::move(sessions)) {}
  std::shared_ptr<Sessions> sessions_;
};

}  // namespace holdfast::linux::token
