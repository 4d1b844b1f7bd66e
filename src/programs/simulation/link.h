// The network between one device and the service: it loses requests and answers, doubles them, and delivers some long
// after the device has given up.
#pragma once

#include <vector>

#include "ports/net.h"
#include "programs/simulation/service_host.h"

namespace holdfast::programs::simulation {

/// Chances in thousandths, per exchange.
struct Weather {
  std::uint64_t lost_request = 0;
  std::uint64_t lost_answer = 0;
  std::uint64_t doubled = 0;
  std::uint64_t late = 0;
};

struct LateRequest {
  Instant at;
  service::Request request;
};

class Link final : public ports::Net {
 public:
  Link(ServiceHost& host, ports::Vault& vault, sim::clock::VirtualClock& clock, sim::random::SeededRandom random)
      : host_(host), vault_(vault), clock_(clock), random_(std::move(random)) {}

  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override;

  void set_weather(const Weather& weather) { weather_ = weather; }
  std::vector<LateRequest> take_late() { return std::exchange(late_, {}); }

 private:
  bool happens(std::uint64_t thousandths) { return thousandths > 0 && random_.below(1000) < thousandths; }
  Result<service::Request> connect(const ports::NetRequest& request);

  ServiceHost& host_;
  ports::Vault& vault_;
  sim::clock::VirtualClock& clock_;
  sim::random::SeededRandom random_;
  Weather weather_;
  std::vector<LateRequest> late_;
};

}  // namespace holdfast::programs::simulation
