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

  /// No network at the device.
  void set_away(bool is_away) { is_away_ = is_away; }
  /// The time that exchanges took since it was asked last.
  Duration take_spent() { return std::exchange(spent_, {}); }
  void set_weather(const Weather& weather) { weather_ = weather; }
  std::vector<LateRequest> take_late() { return std::exchange(late_, {}); }

 private:
  bool happens(std::uint64_t thousandths) { return thousandths > 0 && random_.below(1000) < thousandths; }
  Result<void> require_reached();
  Result<void> require_peer(const ports::NetRequest& request);
  Result<service::Request> connect(const ports::NetRequest& request);

  ServiceHost& host_;
  ports::Vault& vault_;
  sim::clock::VirtualClock& clock_;
  sim::random::SeededRandom random_;
  Weather weather_;
  bool is_away_ = false;
  Duration spent_{};
  std::vector<LateRequest> late_;
};

}  // namespace holdfast::programs::simulation
