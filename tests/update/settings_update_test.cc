// Settings of an application as a device takes them: signed, tried, kept or taken back, as an image is.
#include <algorithm>

#include "base/text.h"
#include "ports/network/network_settings.h"
#include "update_bench.h"

namespace holdfast::tests {
namespace {

using trust::update::Image;
using trust::update::ImageKind;

constexpr std::string_view kSettings{"main-settings"};

struct SettingsBench {
  explicit SettingsBench(const KnownImage& first = {}) : machine(7, std::string(kSettings), false, first, "main") {}

  std::string release(const KnownImage& known, const UpdateMachine::Change& change = {}) {
    return machine.release(known, machine.image(known), {}, change);
  }
  /// A version 2.0 of the application, for which the device gets places.
  std::string release_application(const KnownImage& known) {
    const Blob first = to_blob(as_bytes("the application 1.0"));
    machine.release(kFirst, first, {}, as_application);
    machine.slots().add("main", first, false);
    machine.slots().start();
    return machine.release(known, as_bytes("the application 2.0"), {}, as_application);
  }
  static void as_application(Image& image) {
    image.kind = ImageKind::Application;
    image.component = "main";
  }

  const wire::CheckInRequest& said() { return machine.service().last_check_in(); }
  std::string state_of(std::string_view component) {
    for (const auto& one : said().updates) {
      if (one.component == component) return cat(wire::name_of(one.phase), " ", one.reason);
    }
    return "";
  }
  bool has_followed() {
    return said().director > 0 && said().director == machine.service().releases().director_version(machine.device());
  }
  bool says_within(Duration time, std::string_view expected) {
    return machine.run_until([&] { return has_followed() && state_of(kSettings) == expected; }, time).has_value();
  }
  bool is_done_within(Duration time) {
    return machine.run_until([&] { return has_followed() && said().updates.empty(); }, time).has_value();
  }
  std::string version_of(std::string_view component) {
    const auto found = std::ranges::find(said().running, component, &wire::Running::component);
    return found == said().running.end() ? "none" : found->version;
  }
  wire::ImageCounts counts_of(std::string_view component) {
    const auto found = std::ranges::find(said().counts, component, &wire::ImageCounts::component);
    return found == said().counts.end() ? wire::ImageCounts{} : *found;
  }

  UpdateMachine machine;
};

const KnownImage kCrashing{.version = "2.0", .security_version = 2, .crashes = true};

}  // namespace

TEST_CASE("settings reach an application that had none, and the device says which it runs") {
  SettingsBench bench;
  CHECK(bench.version_of(kSettings) == "none");
  bench.machine.direct({bench.release(kSecond)});
  REQUIRE(bench.is_done_within(hours(2)));
  CHECK(bench.version_of(kSettings) == "2.0");
  CHECK(bench.version_of("main") == "1.0");
  bench.machine.power_cycle(true);
  CHECK(bench.machine.running()->version == "2.0");
}

TEST_CASE("an application that crashes with settings on trial gets its former ones back, and they alone are blamed") {
  for (const KnownImage& first : {KnownImage{}, kFirst}) {
    SettingsBench bench(first);
    bench.machine.direct({bench.release(kCrashing)});
    REQUIRE(bench.says_within(hours(2), "failed crash-loop"));
    CHECK(bench.machine.running()->version == first.version);
    CHECK(bench.counts_of(kSettings).crashes >= device::update::kCrashesMax);
    CHECK(bench.counts_of(kSettings).fallbacks == 1);
    CHECK(bench.counts_of("main").crashes == 0);
    const int starts = bench.machine.slots().starts(kSettings);
    REQUIRE(bench.machine.run_until([] { return false; }, hours(24)).has_value() == false);
    CHECK(bench.machine.slots().starts(kSettings) == starts);
  }
}

TEST_CASE("a crash after the settings were kept is the application's") {
  SettingsBench bench;
  bench.machine.direct({bench.release(kSecond)});
  REQUIRE(bench.is_done_within(hours(2)));
  REQUIRE(bench.machine.agent().note_exit("main", "1.0", true));
  bench.machine.agent().wake();
  REQUIRE(bench.machine.run_until([&] { return bench.counts_of("main").crashes == 1; }, hours(2)));
  CHECK(bench.counts_of(kSettings).crashes == 0);
}

TEST_CASE("settings that no application can read, or another's, are refused without a restart of anything") {
  for (const std::string_view text :
       {"no settings", R"({"application":"other","settings":{}})", R"({"application":"main","settings":{},"x":1})"}) {
    SettingsBench bench;
    const int starts = bench.machine.slots().starts(kSettings);
    bench.machine.direct({bench.machine.release(kSecond, as_bytes(text))});
    CHECK(bench.says_within(hours(2), "failed configuration-malformed"));
    CHECK(bench.machine.slots().starts(kSettings) == starts);
  }
}

TEST_CASE("network settings that are none are refused without a restart of anything") {
  UpdateMachine machine(7, "network-settings", false, {}, "network");
  const int starts = machine.slots().starts("network-settings");
  machine.direct(
      {machine.release(kSecond, as_bytes(R"({"application":"network","settings":{"gateway":"10.0.0.1"}})"))});
  const auto is_refused = [&] {
    const auto& said = machine.service().last_check_in().updates;
    return !said.empty() && said.front().reason == ports::kNetworkMalformed.word();
  };
  CHECK(machine.run_until(is_refused, hours(2)));
  CHECK(machine.slots().starts("network-settings") == starts);
}

TEST_CASE("after a reset the application runs without settings, until the director's are fetched and tried anew") {
  SettingsBench bench;
  bench.machine.direct({bench.release(kSecond)});
  REQUIRE(bench.is_done_within(hours(2)));
  REQUIRE(bench.machine.agent().reset_settings());
  CHECK(bench.machine.running()->version.empty());
  bench.machine.agent().wake();
  const auto is_back = [&] { return bench.machine.running()->version == "2.0" && bench.said().updates.empty(); };
  CHECK(bench.machine.run_until(is_back, hours(4)));
  CHECK(bench.version_of("main") == "1.0");
}

TEST_CASE("an application and its settings in one set: it is kept before they are tried") {
  for (const bool needs : {true, false}) {
    SettingsBench bench;
    const auto needing = [&](Image& image) {
      if (needs) image.needs = {{"main", 2, {}}};
    };
    bench.machine.direct({bench.release(kSecond, needing), bench.release_application(kSecond)});
    const auto is_tried = [&] { return bench.machine.slots().facts(kSettings)->trial == ports::Trial::Running; };
    REQUIRE(bench.machine.run_until(is_tried, hours(2)));
    CHECK(bench.machine.slots().facts("main")->trial == ports::Trial::None);
    CHECK(bench.machine.slots().facts("main")->confirmed == ports::Slot::B);
    REQUIRE(bench.is_done_within(hours(2)));
    CHECK(bench.version_of(kSettings) == "2.0");
    CHECK(bench.version_of("main") == "2.0");
  }
}

TEST_CASE("on the way back the former settings are in place before the former application is tried") {
  SettingsBench bench;
  const KnownImage third{.version = "3.0", .security_version = 3};
  const auto needing = [](std::int64_t version) {
    return [version](Image& image) { image.needs = {{"main", version, {}}}; };
  };
  const std::string application = bench.release_application(kSecond);
  const std::vector<std::string> former = {application, bench.release(kSecond, needing(2))};
  bench.machine.direct(former);
  REQUIRE(bench.is_done_within(hours(2)));
  const std::string later =
      bench.machine.release(third, as_bytes("the application 3.0"), {}, SettingsBench::as_application);
  bench.machine.direct({later, bench.release(third, needing(3))});
  REQUIRE(bench.is_done_within(hours(2)));
  REQUIRE(bench.version_of(kSettings) == "3.0");
  bench.machine.direct(former);
  const auto is_back = [&] { return bench.machine.slots().facts("main")->trial == ports::Trial::Running; };
  REQUIRE(bench.machine.run_until(is_back, hours(2)));
  CHECK(bench.machine.running()->version == "2.0");
  CHECK(bench.machine.slots().facts(kSettings)->trial == ports::Trial::None);
  REQUIRE(bench.is_done_within(hours(2)));
  CHECK(bench.version_of("main") == "2.0");
}

TEST_CASE("settings that need an application which fell back wait, and are not blamed") {
  SettingsBench bench;
  KnownImage sick = kSecond;
  sick.comes_up = false;
  bench.machine.direct(
      {bench.release(kSecond, [](Image& image) { image.needs = {{"main", 2, {}}}; }), bench.release_application(sick)});
  REQUIRE(bench.machine.run_until([&] { return bench.state_of("main") == "failed no-boot"; }, hours(2)));
  CHECK(bench.says_within(hours(2), "waiting image-needs-unmet"));
  CHECK(bench.version_of(kSettings) == "none");
}

TEST_CASE(
    "settings of an owner who let the device go are in no place of it, wherever the power was cut, and whatever its "
    "record says") {
  SettingsBench bench;
  for (const KnownImage& one : {kFirst, kSecond}) {
    bench.machine.direct({bench.release(one)});
    REQUIRE(bench.is_done_within(hours(2)));
  }
  const auto erase = [](UpdateMachine::Kept& kept, sim::fault::Faults& faults) {
    sim::fault::FaultySlots slots(faults, kept.slots);
    REQUIRE(kept.disk.write(device::update::kStateRecord, as_bytes("nonsense")));
    device::update::Updater updater({kept.disk, slots, kept.floor, kept.random}, "board", {});
    return updater.erase_settings();
  };
  const auto is_erased = [](UpdateMachine::Kept& kept) {
    for (const ports::Slot slot : {ports::Slot::A, ports::Slot::B}) {
      const auto bytes = kept.slots.read(kSettings, slot, 0, UpdateMachine::kCapacity);
      REQUIRE(bytes);
      if (std::ranges::any_of(*bytes, [](std::uint8_t one) { return one != 0; })) return false;
    }
    return kept.slots.running(kSettings).empty();
  };
  std::int64_t calls = 1;
  for (std::int64_t call = -1; call < calls; ++call) {
    for (const sim::fault::Cut when : {sim::fault::Cut::Before, sim::fault::Cut::After}) {
      UpdateMachine::Kept kept = bench.machine.keep();
      CHECK_FALSE(is_erased(kept));
      sim::fault::Faults faults;
      if (call >= 0) faults.schedule({{call, when}});
      const bool is_cut = !erase(kept, faults);
      CHECK(is_cut == (call >= 0));
      if (!is_cut) calls = faults.calls();
      if (is_cut) {
        kept.slots.lose_power(true);
        kept.slots.start();
        sim::fault::Faults none;
        REQUIRE(erase(kept, none));
      }
      CHECK(is_erased(kept));
    }
  }
  CHECK(calls > 10);
}

}  // namespace holdfast::tests
