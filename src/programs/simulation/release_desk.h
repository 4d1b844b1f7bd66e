// The release engineer of a simulation: images with their manifests, in an image repository that the owner's root role
// signs, and its way to a service.
#pragma once

#include "programs/simulation/owner.h"
#include "service/images/repository.h"
#include "trust/update/manifest.h"

namespace holdfast::programs::simulation {

struct NewImage {
  std::string component;
  std::string version;
  std::int64_t security_version = 1;
  Blob content;
  std::vector<trust::update::Need> needs = {};
  std::string product = std::string(kProduct);
  trust::update::ImageKind kind = trust::update::ImageKind::Application;
  std::optional<Blob> reference_values = {};
  std::vector<trust::update::Delta> deltas = {};  ///< named, not made
};

class ReleaseDesk {
 public:
  ReleaseDesk(Owner& owner, std::string_view catalog) : owner_(owner), catalog_(catalog) {}

  /// The path of its target.
  Result<std::string> add(const NewImage& image);
  /// As `holdfast release revoke` does it.
  Result<void> withdraw(const std::string& component, const std::string& version, WallTime now);

  /// The next version of every document, valid for `life`.
  struct Documents {
    std::map<std::string, Blob> files;  ///< by name, but for the timestamp
    Blob timestamp;
  };
  Result<Documents> sign(WallTime now, Duration life = days(365));
  /// Everything to the service, as `holdfast release upload` does it.
  Result<void> publish(service::Deps& deps, WallTime now);
  Result<void> send_files(service::Deps& deps) const;

 private:
  Owner& owner_;
  std::string catalog_;
  trust::tuf::Targets targets_;
  std::vector<std::pair<ports::ImageFileName, Blob>> files_;
  std::int64_t version_ = 0;
};

}  // namespace holdfast::programs::simulation
