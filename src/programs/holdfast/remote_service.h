// cli::Service over the blocking HTTPS client.
#pragma once

#include "cli/world/service.h"
#include "linux/net/client.h"

namespace holdfast::programs {

class RemoteService final : public cli::Service {
 public:
  explicit RemoteService(ports::Clock& clock) : client_(clock, {}) {}
  Result<cli::ServiceAnswer> call(const cli::ServiceCall& call) override;

 private:
  linux::net::Client client_;
};

}  // namespace holdfast::programs
