// What an owner and a release engineer do for a fleet over the years: they release, deploy, rotate every key, renew
// what ends, and ask for a newer operating system as time goes on.
#pragma once

#include "programs/simulation/release_desk.h"
#include "programs/simulation/world.h"
#include "programs/simulation/years_plan.h"

namespace holdfast::programs::simulation {

inline constexpr std::string_view kApplication = "door";

class Steward {
 public:
  explicit Steward(World& world);

  /// A catalog, the first images, released and deployed, and a director.
  Result<void> begin();
  Result<void> act(Act act);
  /// Both components anew, to everybody in these waves. Returns the deployment's number.
  Result<std::int64_t> release_both(std::vector<service::rollout::Wave> waves);

  FirstImages first() const { return {shelf_, *first_system_, *first_application_}; }
  const ShelvedImage& system() const { return *system_; }
  const ShelvedImage& application() const { return *application_; }
  /// When the repository's metadata ends.
  WallTime good_until() const { return good_until_; }
  int releases() const { return releases_; }
  int key_rotations() const { return key_rotations_; }
  int authority_rotations() const { return authority_rotations_; }

 private:
  Result<void> release(const ShelvedImage*& newest, trust::update::ImageKind kind, std::size_t bytes);
  Result<void> release_system();
  Result<void> release_application();
  Result<void> publish();
  Result<std::int64_t> deploy(std::vector<service::rollout::Wave> waves);
  Result<void> rotate_keys();
  Result<void> set_policy();

  service::Deps& deps() { return world_.host().deps(); }
  WallTime now() { return world_.clock().wall_time(); }

  World& world_;
  ReleaseDesk desk_;
  ImageShelf shelf_;
  const ShelvedImage* system_ = nullptr;
  const ShelvedImage* application_ = nullptr;
  const ShelvedImage* first_system_ = nullptr;
  const ShelvedImage* first_application_ = nullptr;
  std::vector<std::int64_t> systems_;  ///< security versions, in their order
  std::map<std::string, std::int64_t, std::less<>> versions_;
  WallTime good_until_;
  std::int64_t policies_ = 0;  ///< set so far
  int releases_ = 0;
  int key_rotations_ = 0;
  int authority_rotations_ = 0;
};

}  // namespace holdfast::programs::simulation
