#include "programs/simulation/service_host.h"

#include "service/startup/startup.h"

namespace holdfast::programs::simulation {

ServiceHost::ServiceHost(sim::random::SeededRandom random, sim::clock::VirtualClock& clock)
    : random_(std::move(random)), clock_(clock) {
  // Only what serves a request can lose its power on the way: the owner and the auditors of this world look from
  // outside.
  store_.set_faults({.before_each_step = [this](std::string_view step) -> Result<void> {
    return serving_ ? faults_.begin(step) : Result<void>();
  }});
  settings_.device_urls = {"https://service.test:8443"};
  settings_.crl_url = settings_.device_urls.front();
  boot();
}

void ServiceHost::boot() {
  gateway_.reset();
  deps_.reset();
  keyring_ = std::make_unique<service::Keyring>(Secret(Blob(service::kServiceKeyBytes, 0x5A)), random_);
  issuers_ = std::make_unique<service::identity::Issuers>();
  documents_ = std::make_unique<service::appraise::Documents>();
  deps_.emplace(store_, random_, *keyring_, *issuers_, *documents_, settings_, metrics_, images_);
  gateway_ = std::make_unique<service::gateway::Gateway>(*deps_);
}

std::optional<service::Response> ServiceHost::deliver(const service::Request& request) {
  serving_ = true;
  std::optional<service::Response> response = gateway_->handle(request, clock_.wall_time());
  bool told = !response->durable;
  if (response->durable) {
    store_.flush([&](const Result<void>& flushed) { told = flushed.has_value(); });
  }
  serving_ = false;
  if (faults_.crashed()) {
    crash(0);
    return {};
  }
  if (!told) return service::problem({Next::Retry, ports::kStoreFailed, "the store could not keep this"});
  return response;
}

Result<const trust::x509::Certificate*> ServiceHost::shown() {
  if (shown_ && clock_.wall_time() + service::startup::kServerCertificateRenewedBefore < shown_->not_after()) {
    return &*shown_;
  }
  const auto identity = TRY(service::startup::server_identity(*deps_, {{"service.test"}, {}}, clock_.wall_time()));
  deps_->store.flush([](const Result<void>&) {});
  shown_ = TRY(trust::x509::parse_certificate(identity.certificate));
  service_ca_ = identity.service_ca;
  return &*shown_;
}

void ServiceHost::crash(std::size_t writes_kept) {
  store_.crash(writes_kept);
  faults_.restart();
  boot();
}

}  // namespace holdfast::programs::simulation
