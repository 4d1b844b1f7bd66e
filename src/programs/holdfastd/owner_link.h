// The owner's link: how the first operator gets in, once. It names the management port, pins the service CA by its
// digest and carries a secret, so it goes to a terminal, where one is attached, or into a file that only its owner can
// read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::programs {

struct OwnerLink {
  std::string management_url;
  Blob service_ca;  ///< DER
  std::string secret;
};

/// `<management url>/owner#ca=<SHA-256 of the service CA>&secret=<…>`: browsers never send what follows the `#`.
std::string text_of(const OwnerLink& link);

Result<void> hand_over_owner_link(const OwnerLink& link, const std::filesystem::path& folder,
                                  const std::optional<std::filesystem::path>& file);

}  // namespace holdfast::programs
