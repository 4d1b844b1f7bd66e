// Updates: the catalog's image repository as its owner published it, deployments, and what each device was told to have
// and says of it.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

/// A document of the image repository, under the name that it has there: `7.targets.json`.
struct RepositoryDocumentRow {
  std::string catalog;
  std::string file;
  Blob bytes;
  WallTime stored_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, file, bytes, stored_at); }
  auto fields() const { return std::tie(catalog, file, bytes, stored_at); }
};

/// Which of them are in force: the newest timestamp, and through it all others.
struct RepositoryRow {
  std::string catalog;
  Blob timestamp;
  std::int64_t timestamp_version = 0;
  std::int64_t snapshot_version = 0;
  WallTime expires_at;  ///< the first end of any document
  std::string published_by;
  WallTime published_at;
  std::optional<std::string> withdrawn{};  ///< JSON: [[component, version]…]; none: nothing was

  static const Schema& schema();
  /// As migration 11 made it.
  static const Schema& first_schema();
  auto fields() {
    return std::tie(catalog, timestamp, timestamp_version, snapshot_version, expires_at, published_by, published_at,
                    withdrawn);
  }
  auto fields() const {
    return std::tie(catalog, timestamp, timestamp_version, snapshot_version, expires_at, published_by, published_at,
                    withdrawn);
  }
};

enum class DeploymentState {
  Running = 0,  ///< waves open one after the other
  Paused = 1,   ///< who has it keeps it, nobody else gets it
  Aborted = 2,  ///< who has it goes back to what it had
};

/// A set of images for a device group, and the waves in which its devices get it.
struct DeploymentRow {
  std::string catalog;
  std::int64_t number = 0;  ///< counted up in the catalog
  std::string product;
  std::string device_group;
  std::string images;  ///< JSON: path to {length, sha256}; the whole set
  std::string waves;   ///< JSON: [{percent, soak_s}…]
  std::string reach;   ///< JSON: how many devices each wave reached when it was created
  DeploymentState state = DeploymentState::Running;
  std::int64_t wave = 0;  ///< the last that is open, from 0
  WallTime wave_began_at;
  std::int64_t places = 0;               ///< that the open waves reach
  std::optional<WallTime> next_wave_at;  ///< when the open wave has soaked; none: all are open, or it does not run
  std::string reason;                    ///< why it is paused or aborted, for people
  std::string created_by;
  WallTime created_at;
  std::optional<std::string>
      reference_sets{};  ///< JSON: ids of those of its images, in hexadecimal; none: they say none

  static const Schema& schema();
  /// As migration 11 made it.
  static const Schema& first_schema();
  auto fields() {
    return std::tie(catalog, number, product, device_group, images, waves, reach, state, wave, wave_began_at, places,
                    next_wave_at, reason, created_by, created_at, reference_sets);
  }
  auto fields() const {
    return std::tie(catalog, number, product, device_group, images, waves, reach, state, wave, wave_began_at, places,
                    next_wave_at, reason, created_by, created_at, reference_sets);
  }
};

inline constexpr std::string_view kDeploymentsByGroup =
    "deployments_by_group";  ///< catalog, product, device_group, number

/// A device that stays with one deployment whatever its group gets.
struct PinRow {
  std::string catalog;
  std::string device;
  std::int64_t deployment = 0;
  std::string reason;
  std::string pinned_by;
  WallTime pinned_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, device, deployment, reason, pinned_by, pinned_at); }
  auto fields() const { return std::tie(catalog, device, deployment, reason, pinned_by, pinned_at); }
};

/// The newest word of the director to a device.
struct DirectionRow {
  std::string catalog;
  std::string device;
  std::int64_t version = 0;  ///< of its targets; counted up whenever they change
  std::int64_t deployment = 0;
  WallTime since;
  std::optional<std::string> held{};  ///< JSON: service::appraise::Held of each deployment whose images it may run

  static const Schema& schema();
  /// As migration 11 made it.
  static const Schema& first_schema();
  auto fields() { return std::tie(catalog, device, version, deployment, since, held); }
  auto fields() const { return std::tie(catalog, device, version, deployment, since, held); }
};

inline constexpr std::string_view kDirectionsByDeployment = "directions_by_deployment";  ///< catalog, deployment

/// What a device says of its updates, as it said it last. What it counted is beside, by image.
struct UpdateReportRow {
  std::string catalog;
  std::string device;
  std::int64_t director = 0;  ///< the version that it follows
  std::string updates;        ///< JSON array of wire::UpdateState
  std::string counts;         ///< JSON array of wire::ImageCounts, so that the same again is known as such
  WallTime at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, device, director, updates, counts, at); }
  auto fields() const { return std::tie(catalog, device, director, updates, counts, at); }
};

/// What a device counted of one version of a component: the highest that it ever said.
struct ImageCountsRow {
  std::string catalog;
  std::string device;
  std::string component;
  std::string version;
  std::int64_t boots = 0;
  std::int64_t failed_boots = 0;
  std::int64_t fallbacks = 0;
  std::int64_t exits = 0;
  std::int64_t crashes = 0;
  WallTime first_at;
  std::optional<WallTime> failed_boot_at{};  ///< when the number rose last, as the next two
  std::optional<WallTime> fallback_at{};
  std::optional<WallTime> crash_at{};

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, device, component, version, boots, failed_boots, fallbacks, exits, crashes, first_at,
                    failed_boot_at, fallback_at, crash_at);
  }
  auto fields() const {
    return std::tie(catalog, device, component, version, boots, failed_boots, fallbacks, exits, crashes, first_at,
                    failed_boot_at, fallback_at, crash_at);
  }
};

/// A device that was told of a deployment, for its gate: what went wrong on it before and since, a bit for each
/// service::rollout::Harm.
struct TrialRow {
  std::string catalog;
  std::int64_t deployment = 0;
  std::string device;
  WallTime began_at;
  std::int64_t before = 0;
  std::int64_t since = 0;
  std::optional<WallTime> took_at;       ///< it tried the images: it confirmed them, or fell back
  std::optional<WallTime> confirmed_at;  ///< it has them, and was judged healthy with them

  static const Schema& schema();
  auto fields() { return std::tie(catalog, deployment, device, began_at, before, since, took_at, confirmed_at); }
  auto fields() const { return std::tie(catalog, deployment, device, began_at, before, since, took_at, confirmed_at); }
};

/// What a deployment's trials come to.
struct TallyRow {
  std::string catalog;
  std::int64_t deployment = 0;
  std::int64_t told = 0;
  std::int64_t took = 0;
  std::int64_t confirmed = 0;
  std::string pairs;  ///< JSON: [worse, better] for each Harm

  static const Schema& schema();
  auto fields() { return std::tie(catalog, deployment, told, took, confirmed, pairs); }
  auto fields() const { return std::tie(catalog, deployment, told, took, confirmed, pairs); }
};

/// A time in which no device is told of anything new: of a group, of a product, or of a whole catalog.
struct FreezeRow {
  std::string catalog;
  std::int64_t number = 0;   ///< counted up in the catalog
  std::string product;       ///< empty: every product
  std::string device_group;  ///< empty: every group of it
  WallTime from;
  WallTime until;
  std::string reason;
  std::string created_by;
  WallTime created_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, number, product, device_group, from, until, reason, created_by, created_at);
  }
  auto fields() const {
    return std::tie(catalog, number, product, device_group, from, until, reason, created_by, created_at);
  }
};

extern template class Table<RepositoryDocumentRow>;
extern template class Table<RepositoryRow>;
extern template class Table<DeploymentRow>;
extern template class Table<PinRow>;
extern template class Table<DirectionRow>;
extern template class Table<UpdateReportRow>;
extern template class Table<ImageCountsRow>;
extern template class Table<TrialRow>;
extern template class Table<TallyRow>;
extern template class Table<FreezeRow>;

}  // namespace holdfast::ports
