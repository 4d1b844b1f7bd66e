// ports::Net for the agent: the blocking client, with the TLS client key in the vault.
#pragma once

#include "linux/net/client.h"
#include "ports/net.h"
#include "ports/vault.h"

namespace holdfast::linux::net {

class VaultNet final : public ports::Net {
 public:
  /// `from` as in Call, `peers` as in Client.
  VaultNet(ports::Vault& vault, ports::Clock& clock, const Timeouts& timeouts = {},
           std::optional<ports::IpAddress> from = {}, std::shared_ptr<tls::SharedPeers> peers = nullptr);
  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override;
  /// What every exchange goes through from now on.
  void set_proxy(std::optional<ports::NetworkProxy> proxy) { proxy_ = std::move(proxy); }
  void close_ended() { client_.close_ended(); }
  void close_connections() { client_.close_connections(); }

 private:
  ports::Vault& vault_;
  std::optional<ports::IpAddress> from_;
  std::optional<ports::NetworkProxy> proxy_;
  Client client_;
};

}  // namespace holdfast::linux::net
