// The real service on the store of src/sim, as a machine whose power can be cut: what it acknowledged must be there
// afterwards, what it did not may be gone.
#pragma once

#include <memory>
#include <optional>

#include "service/appraise/documents.h"
#include "service/gateway/gateway.h"
#include "service/identity/issuers.h"
#include "sim/clock/virtual_clock.h"
#include "sim/fault/faults.h"
#include "sim/images/memory_image_files.h"
#include "sim/metrics/counts.h"
#include "sim/random/seeded_random.h"
#include "sim/store/memory_store.h"
#include "trust/x509/certificate.h"

namespace holdfast::programs::simulation {

/// What a device meets at the service's address.
enum class Door {
  Open,
  Refuses,  ///< the connection, at once
  Hangs,    ///< until the device has waited for its answer long enough
};

class ServiceHost {
 public:
  ServiceHost(sim::random::SeededRandom random, sim::clock::VirtualClock& clock);

  /// The answer, or nothing when the service lost its power on the way; it starts again by itself.
  std::optional<service::Response> deliver(const service::Request& request);

  /// The certificate that its TLS shows, renewed as holdfastd does it.
  Result<const trust::x509::Certificate*> shown();
  const Blob& service_ca() const { return service_ca_; }

  void set_door(Door door) { door_ = door; }
  Door door() const { return door_; }

  /// Power gone and back: unflushed writes but for the oldest `writes_kept` are lost.
  void crash(std::size_t writes_kept);

  service::Deps& deps() { return *deps_; }
  service::Settings& settings() { return settings_; }
  WallTime now() const { return clock_.wall_time(); }
  sim::store::MemoryStore& store() { return store_; }
  sim::metrics::Counts& metrics() { return metrics_; }
  sim::fault::Faults& faults() { return faults_; }

 private:
  void boot();

  sim::random::SeededRandom random_;
  sim::clock::VirtualClock& clock_;
  sim::fault::Faults faults_;
  bool serving_ = false;
  Door door_ = Door::Open;
  std::optional<trust::x509::Certificate> shown_;
  Blob service_ca_;
  sim::store::MemoryStore store_;
  service::Settings settings_;
  sim::metrics::Counts metrics_;
  sim::images::MemoryImageFiles images_;
  std::unique_ptr<service::Keyring> keyring_;
  std::unique_ptr<service::identity::Issuers> issuers_;
  std::unique_ptr<service::appraise::Documents> documents_;
  std::optional<service::Deps> deps_;
  std::unique_ptr<service::gateway::Gateway> gateway_;
};

}  // namespace holdfast::programs::simulation
