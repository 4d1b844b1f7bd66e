// Which network settings are in force: the owner's, which the agent verified and says at the door; else the factory's;
// else the network's own. What the owner said last is kept, so that the next boot begins with it.
#pragma once

#include <filesystem>

#include "ports/network/network_settings.h"

namespace holdfast::programs::init {

class Network {
 public:
  explicit Network(ports::NetworkSettings factory);

  /// The owner's settings, JSON; empty: none any more. Whether that is news: then they are in force, as far as files
  /// go. Rejected (kDoorRefused) where they are none.
  Result<bool> follow(Bytes settings);
  /// What is in force becomes what programs read, in /run/system.
  Result<void> apply() const;
  /// The settings', else those that leases name.
  std::vector<std::string> time_servers() const;

 private:
  const ports::NetworkSettings& in_force() const { return owner_ ? *owner_ : factory_; }

  ports::NetworkSettings factory_;
  std::optional<ports::NetworkSettings> owner_;
};

}  // namespace holdfast::programs::init
