// SoftHSM 2 with a folder of its own and one token in it, as an HSM that a service is given.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "linux/token/pkcs11_token.h"
#include "temporary_folder.h"

namespace holdfast::tests {

inline constexpr std::string_view kTokenPin = "2468-right";

class SoftHsm {
 public:
  /// Nothing, and says why, where it is not installed. One at a time: its module reads the environment.
  static std::unique_ptr<SoftHsm> start();

  /// Makes a token with the right PIN.
  void make_token(const std::string& label);
  /// The folder's file with this PIN in it.
  std::filesystem::path pin_file(std::string_view pin = kTokenPin);
  std::string uri(const std::string& label) const;
  linux::token::TokenOptions options(const std::string& label = "holdfast", std::string_view pin = kTokenPin);
  std::filesystem::path folder() const { return folder_.path(); }
  static std::string module();

 private:
  explicit SoftHsm();
  TemporaryFolder folder_;
};

}  // namespace holdfast::tests
