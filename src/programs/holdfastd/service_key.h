// Where the service key comes from: the file that an option names, else systemd's credential `service.key`, else a file
// beside the database that the first start makes.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "ports/random.h"

namespace holdfast::programs {

struct ServiceKey {
  Secret key;
  std::filesystem::path path;
  bool was_made = false;        ///< by this start
  bool is_beside_data = false;  ///< whoever copies the folder has both
};

/// NotFound where there is none.
Result<ServiceKey> read_service_key(const std::filesystem::path& folder,
                                    const std::optional<std::filesystem::path>& named);

/// The same, or a new one in the folder.
Result<ServiceKey> find_service_key(const std::filesystem::path& folder,
                                    const std::optional<std::filesystem::path>& named, ports::Random& random);

}  // namespace holdfast::programs
