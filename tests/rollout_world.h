// A service with three released versions and a group of devices that check in, for the tests of this folder.
#pragma once

#include <functional>
#include <utility>

#include "base/text.h"
#include "fails_with.h"
#include "programs/simulation/release_desk.h"
#include "service/claim/owner_documents.h"
#include "service/rollout/direction.h"
#include "service/rollout/director.h"
#include "service/rollout/reports.h"
#include "service/rollout/trials.h"
#include "service_world.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::service::rollout {

using ports::DeploymentRow;
using programs::simulation::ReleaseDesk;
using tests::kAcme;
using tests::kAda;
using tests::kGroup;
using tests::kProduct;
using tests::ServiceWorld;

inline constexpr int kDevices = 400;

struct RolloutWorld : ServiceWorld {
  RolloutWorld() {
    REQUIRE(owner().appoint_director(deps(), now()));
    for (const char* version : {"1.0", "2.0", "3.0"}) {
      REQUIRE(desk.add({"door", version, 1, to_blob(as_bytes(version))}));
    }
    REQUIRE(desk.publish(deps(), now()));
    for (int i = 0; i < kDevices; ++i) {
      ports::DeviceRow row;
      row.catalog = kAcme;
      row.device = cat("hf-", i);
      row.ek_sha256.front() = static_cast<std::uint8_t>(i);
      row.ek_sha256.back() = static_cast<std::uint8_t>(i >> 8);
      row.product = kProduct;
      row.device_group = kGroup;
      row.last_verdict = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
      insert(row);
    }
  }

  std::int64_t deploy(const std::string& version, std::vector<Wave> waves = {{kPlaces, {}}}) {
    std::int64_t number = 0;
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      DeploymentOrder wanted = order(version, waves);
      wanted.reach = TRY(reach_of(tx, wanted));
      number = TRY(rollout::deploy(tx, wanted, kAda, now())).number;
      return {};
    }));
    return number;
  }
  static DeploymentOrder order(const std::string& version, std::vector<Wave> waves) {
    return {std::string(kAcme),
            std::string(kProduct),
            std::string(kGroup),
            {cat("door/", version, "/image")},
            std::move(waves)};
  }
  /// A check-in of one device, which follows what it was told before: the version that it is told now.
  std::int64_t asks(int device) {
    std::int64_t out = 0;
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      const auto row = *TRY(ports::Table<ports::DeviceRow>(tx).find(kAcme, cat("hf-", device)));
      const auto told = TRY(ports::Table<ports::DirectionRow>(tx).find(kAcme, row.device));
      wire::CheckInRequest request;
      if (told) {
        request.director = told->version;
        if (says) says(*told, request);
        const DeviceCaller caller{row.catalog, row.device, ports::CertificateKind::Client};
        const bool is_news = TRY(take_report(tx, caller, request, now()));
        TRY(watch_trial(tx, row, *told, request, is_news, now()));
      }
      out = TRY(direct(tx, row, told, request.director, now()));
      return {};
    }));
    return out;
  }
  /// Of all devices that ask now, how many are to have this deployment.
  int following(std::int64_t number) {
    int out = 0;
    for (int i = 0; i < kDevices; ++i) {
      asks(i);
      const auto row = find<ports::DirectionRow>(kAcme, cat("hf-", i));
      out += row && row->deployment == number ? 1 : 0;
    }
    return out;
  }
  template <class Change>
  void change(Change change_it) {
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      TRY(change_it(tx));
      return {};
    }));
  }
  Result<trust::Verified<trust::tuf::DirectorTargets>> told(int device, std::int64_t seen = 0) {
    const std::string name = cat("hf-", device);
    const Blob envelope = TRY(director_targets(deps(), kAcme, name, now()));
    std::optional<trust::Verified<trust::tuf::TrustPolicy>> policy;
    read([&](ports::Transaction& tx) -> Result<void> {
      policy = TRY(claim::current_trust_policy(tx, kAcme));
      return {};
    });
    return trust::tuf::verify_director_targets(envelope, *policy, name, seen);
  }

  ReleaseDesk desk{owner(), kAcme};
  std::function<void(const ports::DirectionRow& told, wire::CheckInRequest& request)> says;
};

}  // namespace holdfast::service::rollout
