#include "programs/holdfastd/service_key.h"

#include <cstdlib>

#include "linux/system/files.h"
#include "service/keyring.h"

namespace holdfast::programs {
namespace {

namespace system = linux::system;

constexpr Reason kServiceKeyMalformed{"service-key-malformed"};
constexpr const char* kFileName = "service.key";

Result<ServiceKey> read(const std::filesystem::path& path) {
  Secret key = TRY(system::read_secret_file(path, service::kServiceKeyBytes));
  if (key.expose().size() == service::kServiceKeyBytes) return ServiceKey{std::move(key), path};
  return fail(Next::Corrupt, kServiceKeyMalformed, "expected a service key of 32 bytes in " + path.string());
}

}  // namespace

Result<ServiceKey> find_service_key(const std::filesystem::path& folder,
                                    const std::optional<std::filesystem::path>& named, ports::Random& random) {
  if (named) return read(*named);
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr) {
    auto credential = read(std::filesystem::path(credentials) / kFileName);
    if (credential || credential.error().next != Next::NotFound) return credential;
  }
  const auto path = folder / kFileName;
  auto found = read(path);
  if (!found && found.error().next == Next::NotFound) {
    Secret made = ports::random_secret(random, service::kServiceKeyBytes);
    TRY(system::create_file(path, made.expose(), system::FileMode::Private));
    found = ServiceKey{std::move(made), path, true};
  }
  if (found) found->is_beside_data = true;
  return found;
}

}  // namespace holdfast::programs
