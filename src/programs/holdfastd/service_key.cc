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

Result<ServiceKey> read_service_key(const std::filesystem::path& folder,
                                    const std::optional<std::filesystem::path>& named) {
  if (named) return read(*named);
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr) {
    auto credential = read(std::filesystem::path(credentials) / kFileName);
    if (credential || credential.error().next != Next::NotFound) return credential;
  }
  auto found = read(folder / kFileName);
  if (found) found->is_beside_data = true;
  return found;
}

Result<ServiceKey> find_service_key(const std::filesystem::path& folder,
                                    const std::optional<std::filesystem::path>& named, ports::Random& random) {
  auto found = read_service_key(folder, named);
  if (named || found || found.error().next != Next::NotFound) return found;
  Secret made = ports::random_secret(random, service::kServiceKeyBytes);
  const auto path = folder / kFileName;
  TRY(system::create_file(path, made.expose(), system::FileMode::Private));
  return ServiceKey{std::move(made), path, true, true};
}

}  // namespace holdfast::programs
