// The token in which a service's keys of issuing CAs are, and where its PIN comes from: the file that an option names,
// the URI's pin-source, else systemd's credential `token.pin`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/secret.h"
#include "ports/token.h"

namespace holdfast::programs {

/// Logged in. `folder` remembers a PIN that the token refused, by a digest under the service key.
Result<std::unique_ptr<ports::Token>> open_token(const std::string& uri,
                                                 const std::optional<std::filesystem::path>& pin_file,
                                                 const std::filesystem::path& folder, const Secret& service_key);

}  // namespace holdfast::programs
