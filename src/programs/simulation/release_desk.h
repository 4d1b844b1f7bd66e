// The release engineer of a simulation: images with their manifests, in an image repository that the owner
// signs, and its way to a service.
#pragma once

#include "programs/simulation/owner.h"
#include "service/rollout/deployments.h"
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
  struct Delta {
    Digest256 from{};  ///< the image that it starts from
    Blob bytes;
    bool is_sent = true;  ///< else named alone
  };
  std::vector<Delta> deltas = {};
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
  /// Of the timestamps from now on, where the others last longer.
  void set_timestamp_life(Duration life) { timestamp_life_ = life; }
  /// A new timestamp for what is published already.
  Result<void> renew_timestamp(service::Deps& deps, WallTime now);
  /// Everything to the service, as `holdfast release upload` does it.
  Result<void> publish(service::Deps& deps, WallTime now);
  Result<void> send_files(service::Deps& deps) const;
  /// These targets to the group of every device, as `holdfast deployment create` does it. Returns the number.
  Result<std::int64_t> deploy(service::Deps& deps, std::vector<std::string> images,
                              std::vector<service::rollout::Wave> waves, WallTime now) const;

 private:
  Result<Blob> sign_timestamp(WallTime expires);

  Owner& owner_;
  std::string catalog_;
  trust::tuf::Targets targets_;
  std::vector<std::pair<ports::ImageFileName, Blob>> files_;
  std::int64_t version_ = 0;
  std::int64_t timestamp_version_ = 0;
  trust::tuf::MetaFile snapshot_;  ///< the last, as a timestamp names it
  Duration timestamp_life_ = days(365);
};

}  // namespace holdfast::programs::simulation
