#include "programs/simulation/steward.h"

#include "base/text.h"
#include "delta/make/delta.h"
#include "service/appraise/policies.h"

namespace holdfast::programs::simulation {
namespace {

using trust::update::ImageKind;

const service::Caller kAda = service::OperatorCaller{"ada", "", service::Scope::Own};

constexpr std::size_t kSystemBytes = 300 * 1024;
constexpr std::size_t kApplicationBytes = 40 * 1024;
/// So that a decade is not spent on attestations: a device renews at half of it.
constexpr Duration kClientLife = days(7);
/// How many operating systems a device may be behind before it gets the update certificate alone.
constexpr std::size_t kSystemsBehind = 3;

std::vector<service::rollout::Wave> at_once() { return {{service::rollout::kPlaces, {}}}; }

}  // namespace

Steward::Steward(World& world) : world_(world), desk_(world.owner(), kCatalog), shelf_(world.fork("images")) {
  desk_.set_timestamp_life(kTimestampLife);
}

Result<void> Steward::begin() {
  TRY(world_.found());
  TRY(world_.owner().appoint_director(deps(), now()));
  TRY(release_system());
  TRY(release_application());
  // What devices come with was deployed to none of them.
  TRY(world_.owner().allow(deps(), Machine::reference_values(system_->version, system_->security_version), now()));
  first_system_ = system_;
  first_application_ = application_;
  TRY(publish());
  TRY(deploy(at_once()));
  return {};
}

Result<void> Steward::act(Act act) {
  switch (act) {
    case Act::ReleaseSystem: TRY(release_system()); break;
    case Act::ReleaseApplication: TRY(release_application()); break;
    case Act::RotateKeys: return rotate_keys();
    case Act::RotateAuthorities: ++authority_rotations_; return world_.owner().rotate_authorities(deps(), now());
    case Act::RenewTimestamp: good_until_ = now() + kTimestampLife; return desk_.renew_timestamp(deps(), now());
  }
  TRY(publish());
  TRY(deploy(at_once()));
  return {};
}

Result<std::int64_t> Steward::release_both(std::vector<service::rollout::Wave> waves) {
  TRY(release_system());
  TRY(release_application());
  TRY(publish());
  return deploy(std::move(waves));
}

/// The next version, and a delta from the one before.
Result<void> Steward::release(const ShelvedImage*& newest, ImageKind kind, std::size_t bytes) {
  const std::string component(kind == ImageKind::Os ? kOs : kApplication);
  const ShelvedImage* before = newest;
  newest = &shelf_.make(component, cat(++versions_[component], ".0"), ++releases_, bytes);
  NewImage image{component, newest->version, newest->security_version, newest->content, {}};
  image.kind = kind;
  if (kind == ImageKind::Os) {
    const auto measured = Machine::reference_values(newest->version, newest->security_version);
    image.reference_values = to_blob(as_bytes(json::dump(trust::appraisal::to_json(measured))));
  }
  if (before != nullptr) {
    Blob delta = TRY(delta::make::make_delta(before->content, newest->content));
    image.deltas.push_back({before->sha256, std::move(delta)});
  }
  TRY(desk_.add(image));
  return {};
}

Result<void> Steward::release_system() {
  TRY(release(system_, ImageKind::Os, kSystemBytes));
  systems_.push_back(system_->security_version);
  return set_policy();
}

Result<void> Steward::release_application() { return release(application_, ImageKind::Application, kApplicationBytes); }

Result<void> Steward::publish() {
  good_until_ = now() + kTimestampLife;
  return desk_.publish(deps(), now());
}

Result<std::int64_t> Steward::deploy(std::vector<service::rollout::Wave> waves) {
  return desk_.deploy(
      deps(), {cat(kOs, "/", system_->version, "/image"), cat(kApplication, "/", application_->version, "/image")},
      std::move(waves), now());
}

/// The root first, then all that is signed under it.
Result<void> Steward::rotate_keys() {
  ++key_rotations_;
  TRY(world_.owner().rotate_root(deps(), now()));
  TRY(publish());
  return world_.owner().appoint_director(deps(), now(), true);
}

Result<void> Steward::set_policy() {
  const std::int64_t floor = systems_.size() <= kSystemsBehind ? 0 : systems_[systems_.size() - 1 - kSystemsBehind];
  const std::string name(service::appraise::kDefaultPolicy);
  const json::Value document = json::Object{{"version", ++policies_},
                                            {"floor", json::Object{{std::string(kOs), floor}}},
                                            {"client_life", to_text(kClientLife)},
                                            {"long_life_exception", "years are long"}};
  return deps().store.write([&](ports::Transaction& tx) -> Result<void> {
    const auto policy = TRY(service::appraise::next_policy(tx, kCatalog, name, document));
    TRY(service::appraise::set_policy(tx, deps(), kCatalog, name, policy, "ada", kAda, now()));
    return {};
  });
}

}  // namespace holdfast::programs::simulation
