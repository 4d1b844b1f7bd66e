// A device to which its updates are carried, for the tests of updates without a service.
#pragma once

#include "base/text.h"
#include "owner_keys.h"
#include "sim/medium/memory_medium.h"
#include "trust/tuf/offline_targets.h"
#include "update_bench.h"
#include "wire/carried.h"

namespace holdfast::tests {

namespace tuf = trust::tuf;

inline constexpr std::uint8_t kOffline = 6;
inline constexpr std::uint8_t kStranger = 7;
inline const std::string kCatalogName(sim::service::kCatalog);

/// An enrolled device whose owner named an offline director; the service goes away where a test says so.
struct MediumBench : UpdateBench {
  explicit MediumBench(Duration confirm_after = minutes(15), bool needs_boot = true) : UpdateBench(needs_boot) {
    machine.service().change_policy = [=](tuf::TrustPolicy& policy) {
      policy.offline_director = tuf::OfflineDirector{{{tuf_key(kOffline)}, {{tuf_key(kOffline).id}, 1}}, confirm_after};
    };
    machine.service().publish_trust_policy();
    machine.medium = &medium;
    medium.is_in = false;
    machine.power_cycle(false);
    pass(hours(1));
  }

  /// The owner's repository as it is now, with a word that names these.
  void carry(const std::vector<std::string>& paths, std::int64_t version = 1, std::uint8_t holder = kOffline,
             const tuf::Audience& audience = {}) {
    medium.files = machine.service().releases().files();
    tuf::OfflineTargets word;
    word.catalog = kCatalogName;
    word.audience = audience;
    word.version = version;
    word.issued = machine.clock().wall_time();
    word.expires = word.issued + life;
    for (const std::string& path : paths) {
      const tuf::Target& target = machine.service().releases().target(path);
      word.images[path] = {target.length, *target.hashes.sha256};
    }
    medium.files[wire::carried_word(kCatalogName, audience)] =
        tuf::dump_envelope(signed_by(*tuf::make_offline_targets(word), {holder}));
    medium.is_in = true;
  }
  /// Metadata in force: names with versions sort so far.
  std::string newest(std::string_view ending) const {
    std::string out;
    for (const auto& [name, file] : medium.files) {
      if (name.starts_with("metadata/") && name.ends_with(ending) && !name.ends_with("/" + std::string(ending))) {
        out = name;
      }
    }
    return out.empty() ? cat("metadata/", ending) : out;
  }
  bool runs(Duration time, const std::string& version) {
    return machine
        .run_until([&] { return running() == version && machine.slots().facts("main")->trial == ports::Trial::None; },
                   time)
        .has_value();
  }
  /// What was refused, once each, while `time` passes.
  std::string refusals_within(Duration time) {
    std::string out;
    const Instant end = machine.clock().now() + time;
    while (machine.clock().now() < end) {
      REQUIRE(machine.step(minutes(1)));
      for (const device::Event& event : machine.agent().take_events()) {
        if (event.name == "medium") out += cat(out.empty() ? "" : " ", event.fields.front().second);
      }
    }
    return out;
  }
  /// It runs what it ran, and nothing else was kept.
  bool is_back() { return running() == "1.0" && machine.slots().facts("main")->confirmed == ports::Slot::A; }
  /// Nothing of it was even tried.
  bool is_untouched() { return is_back() && machine.slots().facts("main")->trial == ports::Trial::None; }

  sim::medium::MemoryMedium medium;
  Duration life = days(90);
};

}  // namespace holdfast::tests
