#include "programs/swarm/device.h"

#include "base/text.h"
#include "trust/eventlog/writer.h"

namespace holdfast::programs::swarm {
namespace {

constexpr int kEvents = 60;
constexpr unsigned kPcrsMeasured = 8;
constexpr const char* kComponent = "os";
constexpr const char* kVersion = "1.0.0";
constexpr Reason kCheckInRefused{"check-in-refused"};

/// 127.1.0.0 and up: away from the address that services usually listen at.
ports::IpAddress own_address(std::uint32_t number) {
  ports::IpAddress out;
  const std::uint32_t host = 0x7F010000 + number % 0x00FE0000;
  out.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  for (unsigned i = 0; i < 4; ++i) out.bytes[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
  return out;
}

Outcome outcome_of(int status) {
  if (status == 200) return Outcome::Served;
  return status == 429 || status == 503 ? Outcome::ToldWait : Outcome::Refused;
}

}  // namespace

SharedBoot shared_boot() {
  SharedBoot out;
  trust::eventlog::LogWriter writer;
  out.references = {kComponent, kVersion, 1, {}, {}};
  for (int i = 0; i < kEvents; ++i) {
    const auto pcr = static_cast<std::uint8_t>(static_cast<unsigned>(i) % kPcrsMeasured);
    const std::string text = cat("event ", i, " of a swarm's boot");
    const Digest256 digest = writer.append(pcr, trust::eventlog::kEvIpl, as_bytes(text));
    out.extends.emplace_back(pcr, digest);
    out.references.events.push_back({pcr, digest, text});
  }
  out.event_log = writer.bytes();
  return out;
}

class Device::TimedNet final : public ports::Net {
 public:
  TimedNet(ports::Vault& vault, const Surroundings& around, ports::IpAddress from)
      : net_(vault, around.clock, {}, from, around.peers), measurements_(around.measurements) {}

  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override {
    const auto began = std::chrono::steady_clock::now();
    auto answer = net_.exchange(request);
    const Message message = message_of(request.path);
    if (message == Message::CheckIn) newest_check_in_ = request;
    const Outcome outcome = answer ? outcome_of(answer->status) : Outcome::NoAnswer;
    if (message == Message::Attest && outcome == Outcome::Served) ++attested_;
    measurements_.note(message, outcome, std::chrono::steady_clock::now() - began);
    return answer;
  }
  void close_connections() { net_.close_connections(); }
  Result<ports::NetAnswer> check_in_again() { return net_.exchange(newest_check_in_); }
  Result<ports::NetAnswer> check_in_following(std::int64_t director) {
    if (following_.body.empty()) {
      following_ = newest_check_in_;
      auto message = TRY(wire::CheckInRequest::decode(newest_check_in_.body));
      message.director = director;
      message.counts = {{"door", "1.0", 1, 0, 0, 0, 0}};
      following_.body = message.encode();
    }
    return net_.exchange(following_);
  }
  std::uint64_t attested() const { return attested_; }

 private:
  linux::net::VaultNet net_;
  Measurements& measurements_;
  ports::NetRequest newest_check_in_;
  ports::NetRequest following_;  ///< made once, since making it is not what is measured
  std::uint64_t attested_ = 0;
};

class Device::MeasuredBoot final : public ports::Boot {
 public:
  explicit MeasuredBoot(const SharedBoot& boot) : boot_(boot) {}
  Result<ports::BootFacts> facts() override {
    return ports::BootFacts{.event_log = boot_.event_log, .boot_count = count, .running = {{kComponent, kVersion, 1}}};
  }
  std::int64_t count = 0;

 private:
  const SharedBoot& boot_;
};

Result<std::unique_ptr<Device>> Device::make(const Surroundings& around, const sim::vault::TpmMaker& maker,
                                             std::uint32_t number) {
  auto vault = TRY(sim::vault::SoftVault::make(around.random, around.clock));
  auto serial = ports::random_array<16>(around.random);
  serial[0] = 0x42;
  vault->install_certificate(TRY(maker.endorsement(vault->endorsement_public().key, serial)), {});
  std::unique_ptr<Device> device(new Device(around, std::move(vault), own_address(number)));
  device->reboot();
  return device;
}

Device::Device(const Surroundings& around, std::unique_ptr<sim::vault::SoftVault> vault, ports::IpAddress from)
    : around_(around),
      vault_(std::move(vault)),
      net_(std::make_unique<TimedNet>(*vault_, around, from)),
      boot_(std::make_unique<MeasuredBoot>(around.boot)) {}

Device::~Device() = default;

void Device::reboot() {
  vault_->reset();
  for (const auto& [pcr, digest] : around_.boot.extends) vault_->extend(pcr, digest);
  ++boot_->count;
  agent_ = std::make_unique<device::Agent>(device::Ports{disk_, *net_, *vault_, *boot_, around_.random});
}

Result<void> Device::check_in_again() {
  const auto answer = TRY(net_->check_in_again());
  if (answer.status == 200) return {};
  return fail(Next::Denied, kCheckInRefused, cat("expected a check-in to be served, saw status ", answer.status));
}

Result<void> Device::check_in_following(std::int64_t director) {
  const auto answer = TRY(net_->check_in_following(director));
  if (answer.status == 200) return {};
  return fail(Next::Denied, kCheckInRefused, cat("expected a check-in to be served, saw status ", answer.status));
}

std::string Device::id() const {
  const auto& identity = agent_->records().get<device::record::Identity>();
  return identity ? identity->device : std::string();
}

std::uint64_t Device::attested() const { return net_->attested(); }

Result<Instant> Device::step() {
  const Instant now = around_.clock.now();
  const Instant next = TRY(agent_->step(now, around_.clock.wall_time()));
  agent_->take_events();
  if (next > around_.clock.now() + around_.rest_after) net_->close_connections();
  return next;
}

}  // namespace holdfast::programs::swarm
