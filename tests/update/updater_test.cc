#include "update_bench.h"

namespace holdfast::tests {

TEST_CASE("a device fetches what it is to have, tries it, keeps it and says so") {
  for (const bool needs_boot : {true, false}) {
    UpdateBench bench(needs_boot);
    bench.direct(bench.release(kSecond));
    CHECK(bench.runs_within(hours(2), "2.0"));
    const auto facts = *bench.machine.slots().facts("main");
    CHECK(facts.trial == ports::Trial::None);
    CHECK(facts.confirmed == ports::Slot::B);
    REQUIRE(bench.said().running.size() == 1);
    CHECK(bench.said().running[0].version == "2.0");
    CHECK(bench.said().running[0].security_version == 2);
    bench.machine.power_cycle(true);
    CHECK(bench.running() == "2.0");
  }
}

TEST_CASE("a device with nothing to do asks for nothing but its check-ins") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  const std::int64_t before = bench.machine.service().releases().sent_bytes();
  bench.machine.power_cycle(true);
  bench.pass(hours(8));
  CHECK(bench.machine.service().releases().sent_bytes() == before);
  CHECK(bench.is_done());
}

TEST_CASE("a delta is taken from what the confirmed place was seen to hold, and costs a fraction") {
  UpdateBench bench;
  bench.direct(bench.release_delta(kSecond));
  CHECK(bench.runs_within(hours(2), "2.0"));
  CHECK(bench.machine.service().releases().sent_bytes() < 20'000);
}

TEST_CASE("a delta that is broken on its way is given up, and the whole image taken") {
  UpdateBench bench;
  bench.machine.service().releases().before_answer = [](std::string_view path, Blob& file) {
    if (path.ends_with(".delta")) file[file.size() / 2] ^= 0x10;
  };
  bench.direct(bench.release_delta(kSecond));
  CHECK(bench.runs_within(hours(2), "2.0"));
  CHECK(bench.machine.service().releases().sent_bytes() > static_cast<std::int64_t>(UpdateMachine::kImageBytes));
}

TEST_CASE("after a power cut only what is missing is fetched") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  auto& releases = bench.machine.service().releases();
  REQUIRE(bench.machine.run_until([&] { return releases.sent_bytes() > 256 * 1024; }, hours(1)));
  bench.machine.tears_writes = false;
  for (int cuts = 0; cuts < 3; ++cuts) bench.machine.power_cycle(true);
  CHECK(bench.runs_within(hours(2), "2.0"));
}

TEST_CASE("counts say what booted, and rise once for each boot") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.machine.power_cycle(true);
  bench.machine.power_cycle(true);
  bench.pass(hours(1));
  const auto counts = std::ranges::find(bench.said().counts, "2.0", &wire::ImageCounts::version);
  REQUIRE(counts != bench.said().counts.end());
  CHECK(counts->boots == 2);
  CHECK(counts->failed_boots == 0);
  CHECK(counts->fallbacks == 0);
}

TEST_CASE("outside of its window a device says that it waits, and 'check now' passes over it") {
  UpdateBench bench;
  bench.machine.settings.window = device::update::Window{.from = hours(20), .length = hours(1)};
  bench.machine.power_cycle(false);
  bench.direct(bench.release(kSecond));
  CHECK(bench.says_within(hours(2), "waiting window"));
  CHECK(bench.machine.service().releases().sent_bytes() == 0);
  bench.machine.service().update_now = true;
  CHECK(bench.runs_within(hours(1), "2.0"));
}

TEST_CASE("a bandwidth limit makes a fetch last") {
  UpdateBench bench;
  bench.machine.settings.bytes_per_second = 100;
  bench.machine.power_cycle(false);
  const Instant begun = bench.machine.clock().now();
  bench.direct(bench.release(kSecond));
  CHECK(bench.runs_within(hours(4), "2.0"));
  CHECK(bench.machine.clock().now() - begun > seconds(2600));
}

TEST_CASE("a restart waits for a device in use, within its limit") {
  UpdateBench bench;
  bench.machine.settings.deferral_max = hours(5);
  bench.machine.power_cycle(false);
  bench.machine.agent().set_in_use(true);
  bench.direct(bench.release(kSecond));
  CHECK(bench.says_within(hours(2), "waiting deferred"));
  bench.pass(hours(3));
  CHECK(bench.running() == "1.0");
  CHECK(bench.runs_within(hours(4), "2.0"));
}

TEST_CASE("a service that is away for a day in mid-update costs a day, and the image is not blamed") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.machine.run_until([&] { return bench.running() == "2.0"; }, hours(2)));
  bench.machine.service_is_away = true;
  bench.pass(hours(24));
  CHECK(bench.running() == "1.0");
  bench.machine.service_is_away = false;
  CHECK(bench.runs_within(hours(4), "2.0"));
}

TEST_CASE("an image that keeps a device from its service is blamed once the one before reaches it") {
  UpdateBench bench;
  KnownImage mute = kSecond;
  mute.has_network = false;
  bench.direct(bench.release(mute));
  CHECK(bench.says_within(hours(12), "failed service-unreached"));
  CHECK(bench.running() == "1.0");
}

TEST_CASE("a failed image is not tried again until the director says so with a new version") {
  UpdateBench bench;
  KnownImage sick = kSecond;
  sick.is_healthy = false;
  const std::string path = bench.release(sick);
  bench.direct(path);
  REQUIRE(bench.says_within(hours(2), "failed unhealthy"));
  const int starts = bench.machine.slots().starts("main");
  bench.pass(hours(24));
  CHECK(bench.machine.slots().starts("main") == starts);
  const auto counts = std::ranges::find(bench.said().counts, "2.0", &wire::ImageCounts::version);
  REQUIRE(counts != bench.said().counts.end());
  CHECK(counts->fallbacks == 1);
  bench.direct(path);
  REQUIRE(bench.says_within(hours(2), "failed unhealthy"));
  CHECK(bench.machine.slots().starts("main") > starts);
}

TEST_CASE("an image that never comes up is tried a few times and then blamed") {
  UpdateBench bench;
  KnownImage dead = kSecond;
  dead.comes_up = false;
  bench.direct(bench.release(dead));
  CHECK(bench.says_within(hours(2), "failed no-boot"));
  const auto counts = std::ranges::find(bench.said().counts, "2.0", &wire::ImageCounts::version);
  REQUIRE(counts != bench.said().counts.end());
  CHECK(counts->failed_boots == device::update::kTriesMax);
}

TEST_CASE("an application that crashes in its trial falls back") {
  UpdateBench bench(false);
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.machine.run_until([&] { return bench.running() == "2.0"; }, hours(2)));
  for (int crashes = 0; crashes < device::update::kCrashesMax; ++crashes) {
    REQUIRE(bench.machine.agent().note_exit("main", "2.0", true));
  }
  CHECK(bench.says_within(hours(1), "failed crash-loop"));
  CHECK(bench.running() == "1.0");
}

TEST_CASE("a service of before updates hears nothing of them") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.machine.service().directs = false;
  const auto before = bench.said().boot_count;
  bench.machine.power_cycle(true);
  bench.pass(hours(1));
  CHECK(bench.said().boot_count > before);
  CHECK(bench.said().director == 0);
  CHECK(bench.said().counts.empty());
}

TEST_CASE("a device that is let go, or asked to have nothing, keeps what it runs") {
  UpdateBench bench;
  bench.machine.direct({});
  bench.pass(hours(2));
  CHECK(bench.is_done());
  CHECK(bench.running() == "1.0");
}

TEST_CASE("an application is not blamed for a device that was unhealthy before it; an operating system is") {
  for (const bool needs_boot : {false, true}) {
    const KnownImage first{.version = "1.0", .security_version = 1, .is_healthy = false};
    const KnownImage second{.version = "2.0", .security_version = 2, .is_healthy = false};
    UpdateMachine machine(7, "main", needs_boot, first);
    machine.direct({machine.release(second, machine.image(second))});
    const auto& said = machine.service().last_check_in();
    const auto done = [&] {
      return needs_boot ? !said.updates.empty() && said.updates.front().phase == wire::UpdatePhase::Failed
                        : said.director == 1 && said.updates.empty();
    };
    CHECK(machine.run_until(done, hours(4)));
    CHECK(machine.running()->version == (needs_boot ? "1.0" : "2.0"));
  }
}

}  // namespace holdfast::tests
