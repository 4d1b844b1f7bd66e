#include "programs/swarm/campaign.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "programs/swarm/crowd.h"

namespace holdfast::programs::swarm {
namespace {

constexpr Duration kProgressEvery = seconds(5);
constexpr Duration kSettledFor = seconds(5);
constexpr Duration kSettledLateness{100};
constexpr double kMib = 1024.0 * 1024.0;

std::string rounded(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string in_ms(Measurements::Time time) { return rounded(static_cast<double>(time.count()) / 1e6, 1); }

std::string padded(std::string text, std::size_t width) {
  text.insert(0, width - std::min(width, text.size()), ' ');
  return text;
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, ports::Clock& clock, const std::function<void(std::string_view)>& say)
      : options_(options), clock_(clock), say_(say) {}

  Result<void> run(const sim::vault::TpmMaker& maker, ports::Random& random) {
    TRY(make_devices(maker, random));
    TRY(arrive());
    TRY(stay());
    const auto in_time = judge_stay();
    if (options_.outage) TRY(outage());
    return in_time;
  }

 private:
  void say(const std::string& line) { say_(line + "\n"); }

  Result<void> make_devices(const sim::vault::TpmMaker& maker, ports::Random& random) {
    say(cat("making and claiming ", options_.devices, " devices"));
    const auto owner = TRY(Owner::open(options_.config, clock_));
    const Surroundings around{clock_, random, boot_, measurements_};
    std::vector<std::unique_ptr<Device>> devices;
    Instant told = clock_.now();
    for (std::size_t i = 0; i < options_.devices; ++i) {
      auto device = TRY(Device::make(around, maker, static_cast<std::uint32_t>(i)));
      const Secret ticket = TRY(owner->ticket(options_.place));
      TRY(device->offer_ticket(ticket.expose()));
      devices.push_back(std::move(device));
      if (clock_.now() - told < kProgressEvery) continue;
      told = clock_.now();
      say(cat("  ", i + 1, " claimed"));
    }
    crowd_ = std::make_unique<Crowd>(clock_, std::move(devices), options_.threads);
    return {};
  }

  Result<void> arrive() {
    begin(cat("they arrive over ", to_text(options_.arrive_over)));
    for (std::size_t i = 0; i < crowd_->size(); ++i) {
      crowd_->expect(i, clock_.now() + arrival(options_.pattern, i, crowd_->size(), options_.arrive_over));
    }
    TRY(wait_until_healthy(crowd_->size(), options_.arrive_over));
    return report();
  }

  /// What arriving left to be caught up with is not what staying costs.
  void settle() {
    Instant settled_since = clock_.now();
    while (clock_.now() - settled_since < kSettledFor && clock_.now() - began_ < options_.give_up_after) {
      pause();
      if (crowd_->lateness() > kSettledLateness) settled_since = clock_.now();
    }
  }

  Result<void> stay() {
    settle();
    begin(cat("they stay for ", to_text(options_.stay)));
    const Instant end = clock_.now() + options_.stay;
    while (clock_.now() < end) pause();
    return report();
  }

  Result<void> judge_stay() {
    if (!options_.p99_max) return {};
    const auto p99 = measurements_.within(Message::CheckIn, 0.99);
    const bool is_met = p99 <= *options_.p99_max;
    say(cat("  p99 of check-ins ", in_ms(p99), " ms, at most ", to_text(*options_.p99_max), ": ",
            is_met ? "met" : "MISSED"));
    if (is_met) return {};
    return fail(Next::Exhausted, kSwarmSlow,
                cat("expected check-ins within ", to_text(*options_.p99_max), " at the 99th percentile, saw ",
                    in_ms(p99), " ms"));
  }

  Result<void> outage() {
    begin("an outage is over: all of them boot anew at once");
    healthy_before_ = crowd_->healthy();
    crowd_->reboot_all();
    TRY(wait_until_healthy(healthy_before_ + crowd_->size(), Duration::zero()));
    return report();
  }

  void begin(const std::string& what) {
    say(what);
    measurements_.clear();
    began_ = clock_.now();
    const auto usage = usage_of(options_.service);
    usage_began_ = usage ? *usage : Usage{};
  }

  Result<void> wait_until_healthy(std::size_t wanted, Duration at_least) {
    Instant told = clock_.now();
    while (crowd_->healthy() < wanted) {
      pause();
      if (clock_.now() - began_ > at_least + options_.give_up_after) {
        TRY(report());
        crowd_->stop();
        return fail(Next::Retry, kSwarmUnhealthy,
                    cat("expected ", wanted, " devices to be healthy in time, saw ", crowd_->healthy(), why_not()));
      }
      if (clock_.now() - told < kProgressEvery) continue;
      told = clock_.now();
      say(cat("  ", to_text(clock_.now() - began_), ": ", crowd_->healthy() - healthy_before_, " healthy, ",
              crowd_->steps(), " steps, the newest ", to_text(crowd_->lateness()), " late"));
    }
    say(cat("  all healthy after ", to_text(clock_.now() - began_)));
    return {};
  }

  std::string why_not() {
    for (std::size_t i = 0; i < crowd_->size(); ++i) {
      Device& device = crowd_->device(i);
      if (!device.is_healthy() && device.failure()) return cat("; one of the others says: ", device.failure()->message);
    }
    return {};
  }

  Result<void> report() {
    const double took_s = static_cast<double>((clock_.now() - began_).count()) / 1000.0;
    say("  message         served  told to wait  refused  no answer   p50 ms   p99 ms  p99.9 ms");
    for (std::size_t i = 0; i < kMessages; ++i) {
      const auto message = static_cast<Message>(i);
      const auto count = [&](Outcome outcome) { return cat(measurements_.count(message, outcome)); };
      if (count(Outcome::Served) == "0" && count(Outcome::NoAnswer) == "0" && count(Outcome::Refused) == "0") continue;
      std::string name = cat("  ", name_of(message));
      name.resize(14, ' ');
      say(cat(name, padded(count(Outcome::Served), 8), padded(count(Outcome::ToldWait), 14),
              padded(count(Outcome::Refused), 9), padded(count(Outcome::NoAnswer), 11),
              padded(in_ms(measurements_.within(message, 0.5)), 9),
              padded(in_ms(measurements_.within(message, 0.99)), 9),
              padded(in_ms(measurements_.within(message, 0.999)), 10)));
    }
    say(cat("  ", rounded(took_s, 1), " s; the newest step of the swarm began ", to_text(crowd_->lateness()), " late"));
    if (options_.service.empty()) return {};
    const Usage now = TRY(usage_of(options_.service));
    const double cpu_s = now.cpu_s - usage_began_.cpu_s;
    say(cat("  the service used ", rounded(cpu_s, 1), " s of CPU (", rounded(cpu_s / std::max(took_s, 0.001), 2),
            " cores) and holds ", rounded(static_cast<double>(now.resident_bytes) / kMib, 0), " MiB"));
    return {};
  }

  void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  const CampaignOptions& options_;
  ports::Clock& clock_;
  const std::function<void(std::string_view)>& say_;
  const SharedBoot boot_ = shared_boot();
  Measurements measurements_;
  std::unique_ptr<Crowd> crowd_;  // its threads use what is above
  std::size_t healthy_before_ = 0;
  Instant began_;
  Usage usage_began_;
};

}  // namespace

Result<void> run_campaign(const CampaignOptions& options, const sim::vault::TpmMaker& maker, ports::Clock& clock,
                          ports::Random& random, const std::function<void(std::string_view)>& say) {
  return Campaign(options, clock, say).run(maker, random);
}

}  // namespace holdfast::programs::swarm
