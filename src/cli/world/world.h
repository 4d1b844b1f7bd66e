// All that a command may touch. Commands decide and print; the program wires the world to Linux, tests wire it to
// memory.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "cli/world/files.h"
#include "cli/world/service.h"
#include "ports/clock.h"
#include "ports/random.h"
#include "ports/token.h"

namespace holdfast::cli {

/// A token of keys that is reached by PKCS#11.
struct TokenPlace {
  std::string uri;               ///< RFC 7512: which one, and where its PIN is (pin-source)
  std::string refused_pin_file;  ///< remembers a PIN that was refused, so that no second try locks the token
  Secret digest_key;             ///< for that
};
using OpenToken = std::function<Result<std::unique_ptr<ports::Token>>(TokenPlace)>;

struct World {
  Service& service;
  Files& files;
  ports::Clock& clock;
  ports::Random& random;
  std::optional<std::string> config_file;       ///< where nothing else is said; none: the environment names no place
  std::function<void(std::string_view)> print;  ///< to standard output
  std::function<bool(Duration)> pause;          ///< waits; false: whoever called wants an end
  OpenToken open_token = {};                    ///< logged in; none: this program reaches no tokens
};

}  // namespace holdfast::cli
