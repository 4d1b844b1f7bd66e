#include "bench/fleet.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "linux/system/files.h"
#include "programs/swarm/owner.h"
#include "trust/x509/pem.h"

namespace holdfast::bench {
namespace {

using programs::swarm::Device;

constexpr Duration kHealthyWithin = minutes(2);
constexpr Duration kConnectionsStay = hours(1);  ///< handshakes have rows of their own

/// What an owner does before the first device: as in tests/scenarios/swarm.sh.
Result<sim::vault::TpmMaker> begin(Servers& servers, const programs::swarm::SharedBoot& boot, ports::Random& random) {
  const auto& folder = servers.folder();
  const std::string owner = (folder / "owner").string();
  TRY(servers.operate({"owner", "init", "--dir", owner}));
  TRY(servers.operate({"login", "--link-file", (folder / "service" / "owner-link").string(), "--name", "bench"}));
  TRY(servers.operate({"catalog", "create", "bench", "--owner", owner}));
  TRY(servers.operate({"product", "create", "gateway", "--catalog", "bench"}));
  TRY(servers.operate({"device-group", "create", "field", "--product", "gateway", "--catalog", "bench"}));
  const auto references = folder / "references.json";
  TRY(linux::system::write_file(references, as_bytes(json::dump(trust::appraisal::to_json(boot.references))),
                                linux::system::FileMode::Private));
  TRY(servers.operate(
      {"reference-values", "add", references.string(), "--catalog", "bench", "--allow", "gateway/field"}));
  auto key =
      TRY(trust::crypto::PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, ports::random_array<48>(random)));
  auto maker = TRY(sim::vault::TpmMaker::make(std::move(key), servers.clock().wall_time()));
  const auto root = folder / "maker-root.pem";
  TRY(linux::system::write_file(root, as_bytes(trust::x509::to_pem("CERTIFICATE", maker.root())),
                                linux::system::FileMode::Private));
  TRY(servers.operate({"tpm-root", "add", root.string(), "--catalog", "bench", "--owner", owner}));
  return maker;
}

Result<void> become_healthy(Device& device, ports::Clock& clock) {
  const Instant until = clock.now() + kHealthyWithin;
  while (!device.is_healthy() && clock.now() < until) {
    const Instant next = TRY(device.step());
    if (next > clock.now()) std::this_thread::sleep_for(std::min<Duration>(next - clock.now(), Duration(50)));
  }
  if (device.is_healthy()) return {};
  return fail(Next::Retry, kServerUnstarted,
              cat("expected a device to become healthy, saw: ",
                  device.failure() ? device.failure()->message : std::string("nothing")));
}

}  // namespace

Result<std::shared_ptr<Fleet>> Fleet::get() {
  static std::weak_ptr<Fleet> shared;
  if (auto there = shared.lock()) return there;
  std::shared_ptr<Fleet> made(new Fleet());
  TRY(made->start());
  shared = made;
  return made;
}

Result<void> Fleet::start() {
  servers_ = TRY(Servers::get());
  const auto maker = TRY(begin(*servers_, boot_, random_));
  const auto owner = TRY(programs::swarm::Owner::open(servers_->config(), servers_->clock()));
  const programs::swarm::Surroundings around{.clock = servers_->clock(),
                                             .random = random_,
                                             .boot = boot_,
                                             .measurements = measurements_,
                                             .rest_after = kConnectionsStay};
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    auto device = TRY(Device::make(around, maker, static_cast<std::uint32_t>(i)));
    const Secret ticket = TRY(owner->ticket({"bench", "gateway", "field"}));
    TRY(device->offer_ticket(ticket.expose()));
    devices_.push_back(std::move(device));
  }
  for (std::size_t i = 0; i < kAtOnce; ++i) threads_.emplace_back([this, i] { keep_working(i); });
  std::atomic<std::size_t> healthy = 0;
  all([&](std::size_t number) {
    const auto done = become_healthy(*devices_[number], servers_->clock());
    if (done) ++healthy;
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  });
  if (healthy == kAtOnce) return {};
  return fail(Next::Retry, kServerUnstarted, cat("expected ", kAtOnce, " devices to be healthy, saw ", healthy.load()));
}

void Fleet::all(const Work& work) {
  work_ = &work;
  turns_.arrive_and_wait();
  turns_.arrive_and_wait();
}

void Fleet::keep_working(std::size_t number) {
  while (true) {
    turns_.arrive_and_wait();
    if (work_ == nullptr) return;
    (*work_)(number);
    turns_.arrive_and_wait();
  }
}

Fleet::~Fleet() {
  work_ = nullptr;
  if (threads_.size() == kAtOnce) turns_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace holdfast::bench
