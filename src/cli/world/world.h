// All that a command may touch. Commands decide and print; the program wires the world to Linux, tests wire it to
// memory.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/world/files.h"
#include "cli/world/service.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace holdfast::cli {

struct World {
  Service& service;
  Files& files;
  ports::Clock& clock;
  ports::Random& random;
  std::optional<std::string> config_file;       ///< where nothing else is said; none: the environment names no place
  std::function<void(std::string_view)> print;  ///< to standard output
  std::function<bool(Duration)> pause;          ///< waits; false: whoever called wants an end
};

}  // namespace holdfast::cli
