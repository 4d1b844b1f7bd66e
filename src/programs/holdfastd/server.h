// A running service: store, keys, gateway and listeners, wired together and taken down in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/clock.h"
#include "programs/holdfastd/log.h"

namespace holdfast::programs {

struct ServerOptions {
  std::filesystem::path folder;         ///< of the SQLite database and of the service key, where they are not elsewhere
  std::optional<std::string> database;  ///< as in open_store()
  std::optional<std::filesystem::path> service_key_file;
  std::optional<std::string> keys;  ///< a PKCS#11 URI
  std::optional<std::filesystem::path> token_pin_file;
  std::string device_address;  ///< host:port; port 0: any free one
  std::string management_address;
  std::optional<std::string> est_address;  ///< none: EST is not spoken
  std::vector<std::string> names;          ///< DNS names and addresses by which devices and operators reach the service
  /// `https://host:port` as devices and operators reach them, where a proxy or a forwarded port stands between.
  std::optional<std::string> device_url;
  std::optional<std::string> management_url;
  std::optional<std::filesystem::path> owner_link_file;
  std::vector<std::string> webhook_allow;       ///< CIDR, that webhooks may reach besides public addresses
  std::vector<std::string> proxies;             ///< CIDR, that speak PROXY protocol v2 on every port
  std::optional<std::filesystem::path> images;  ///< the folder of images; none: `images` in `folder`
  LogFormat log_format = LogFormat::Text;
  bool log_requests = false;                        ///< a line for each
  Duration check_in_every = minutes(5);             ///< what devices are told
  Duration certificate_checked_every = minutes(1);  ///< whether the server certificate is to be renewed
};

class RunningServer {
 public:
  /// `clock` must outlive it.
  static Result<std::unique_ptr<RunningServer>> start(const ServerOptions& options, ports::Clock& clock);
  virtual ~RunningServer() = default;
  virtual void stop() = 0;
  virtual std::uint16_t device_port() const = 0;
  virtual std::uint16_t management_port() const = 0;
  virtual std::uint16_t est_port() const = 0;  ///< 0 where EST is not spoken
  /// Why it can no longer serve, if it cannot; it has sent this process SIGTERM then.
  virtual std::optional<Error> broken() = 0;
};

}  // namespace holdfast::programs
