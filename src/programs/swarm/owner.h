// What a swarm asks of the management port, as the operator whom `holdfast login` left a token for: tickets.
#pragma once

#include <filesystem>
#include <memory>

#include "cli/session/config.h"
#include "linux/net/client.h"

namespace holdfast::programs::swarm {

struct Place {
  std::string catalog;
  std::string product;
  std::string device_group;
};

class Owner {
 public:
  /// `config` is the file of `holdfast login`.
  static Result<std::unique_ptr<Owner>> open(const std::filesystem::path& config, ports::Clock& clock);

  /// The file of a new ticket. Waits where the service asks for it.
  Result<Secret> ticket(const Place& place);

 private:
  Owner(cli::Config config, ports::Clock& clock) : config_(std::move(config)), client_(clock, {}) {}

  cli::Config config_;
  linux::net::Client client_;
};

}  // namespace holdfast::programs::swarm
