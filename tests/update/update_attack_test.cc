// What an attacker tries with updates (docs/attacks.md, 10 to 16), against the whole agent.
#include "base/text.h"
#include "floor_words.h"
#include "update_bench.h"

namespace holdfast::tests {
namespace {

using trust::update::Image;
using trust::update::ImageKind;

std::int64_t starts_of(UpdateBench& bench) { return bench.machine.slots().starts("main"); }

/// Whether nothing was tried since, and nothing of an image was fetched.
bool is_untouched_since(UpdateBench& bench, std::int64_t starts) {
  return bench.machine.slots().facts("main")->trial == ports::Trial::None && starts_of(bench) == starts &&
         bench.machine.service().releases().sent_bytes() == 0 && bench.running() == "1.0";
}

bool is_untouched(UpdateBench& bench) { return is_untouched_since(bench, 1); }

void check_refused(const UpdateMachine::Change& change, std::string_view reason) {
  UpdateBench bench;
  bench.direct(bench.release(kSecond, change));
  CHECK_MESSAGE(bench.says_within(hours(2), std::string("refused ") + std::string(reason)), reason);
  CHECK(is_untouched(bench));
}

}  // namespace

TEST_CASE("a director alone makes no device take anything: an image that was not released is refused") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  auto& directed = bench.machine.service().releases().directed(bench.machine.device());
  directed.images.begin()->second.sha256[0] ^= 1;
  CHECK(bench.says_within(hours(2), "refused image-unreleased"));
  CHECK(is_untouched(bench));
}

TEST_CASE("an image that its owner withdrew is refused, though the director names it and it is still listed") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  const std::string path = bench.machine.service().releases().directed(bench.machine.device()).images.begin()->first;
  const auto parts = split(path, '/');
  bench.machine.service().releases().withdraw(std::string(parts[0]), std::string(parts[1]));
  CHECK(bench.says_within(hours(2), "refused image-withdrawn"));
  CHECK(is_untouched(bench));
}

TEST_CASE("an image for another product or other hardware is refused before a byte is fetched") {
  check_refused([](Image& image) { image.product = "toaster"; }, "image-for-other-product");
  check_refused([](Image& image) { image.hardware = {"other-board"}; }, "image-for-other-hardware");
}

TEST_CASE("a real-time image is not supported by this device") {
  check_refused([](Image& image) { image.kind = ImageKind::RealTime; }, "image-not-supported");
}

TEST_CASE("an image for a component without places, or with needs that nothing meets, is refused") {
  check_refused([](Image& image) { image.component = "other"; }, "slots-missing");
  check_refused([](Image& image) { image.needs = {{"main", 7, {}}}; }, "image-needs-unmet");
}

TEST_CASE("an image larger than its place is refused before it is fetched") {
  UpdateBench bench;
  const Blob large = bench.machine.image(kSecond, UpdateMachine::kCapacity + 1);
  bench.direct(bench.machine.release(kSecond, large));
  CHECK(bench.says_within(hours(2), "refused slots-full"));
  CHECK(is_untouched(bench));
}

TEST_CASE("an image whose root is not the signed one is never tried, nor one without room for its verity tree") {
  UpdateBench bench;
  const Blob content = bench.machine.image(kSecond, 64 * trust::update::kVerityBlockBytes);
  auto verity = trust::update::make_verity(content, 8192, {});
  REQUIRE(verity);
  verity->verity.root[0] ^= 1;
  bench.direct(bench.machine.release(kSecond, content, {}, [&](Image& image) { image.verity = verity->verity; }));
  bench.pass(hours(6));
  CHECK(bench.running() == "1.0");
  CHECK(bench.state() == "failed verity-differs");
  CHECK(starts_of(bench) == 1);
  const KnownImage third{.version = "3.0", .security_version = 3};
  const Blob large = bench.machine.image(third, UpdateMachine::kCapacity);
  auto fits = trust::update::make_verity(large, 0, {});
  REQUIRE(fits);
  bench.direct(bench.machine.release(third, large, {}, [&](Image& image) { image.verity = fits->verity; }));
  CHECK(bench.says_within(hours(2), "refused slots-full"));
}

TEST_CASE("rollback: an image below the floor is refused before anything is written") {
  UpdateBench bench;
  REQUIRE(bench.machine.floor().raise("main", 3, nullptr));
  bench.direct(bench.release(kSecond));
  CHECK(bench.says_within(hours(2), "refused image-below-floor"));
  CHECK(is_untouched(bench));
}

TEST_CASE("a floor that was lost with the vault lets nothing below what runs in") {
  UpdateBench bench;
  bench.machine.floor().lose();
  KnownImage old = kSecond;
  old.security_version = 0;
  bench.direct(bench.release(old));
  CHECK(bench.says_within(hours(2), "refused image-below-floor"));
  CHECK(is_untouched(bench));
}

TEST_CASE("a floor that was lost is laid anew once what runs is what the director says, by its own word") {
  UpdateBench bench;
  std::map<std::int64_t, trust::update::FloorWord> words;
  const auto with_word = [&words](Image& image) {
    image.floor = floor_word_by(1, image.component, image.security_version);
    words.emplace(image.security_version, *image.floor);
  };
  bench.direct(bench.release(kSecond, with_word));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.direct(bench.release({.version = "3.0", .security_version = 3}, with_word));
  REQUIRE(bench.runs_within(hours(2), "3.0"));
  bench.pass(minutes(10));
  REQUIRE(bench.machine.floor().of("main") == 2);
  REQUIRE(bench.machine.floor().word());
  CHECK(bench.machine.floor().word()->raise == words.at(2).raise);
  bench.machine.floor().lose();
  bench.machine.power_cycle(true);
  bench.pass(hours(6));
  REQUIRE(bench.machine.floor().word());
  CHECK(bench.machine.floor().word()->raise == words.at(2).raise);
  REQUIRE(bench.machine.floor().read("main"));
  CHECK(bench.machine.floor().read("main")->lowest == 2);
  CHECK_FALSE(bench.machine.floor().read("main")->is_missing);
}

TEST_CASE("a device that lost its floor while an update waits has it again before it tries that") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.pass(minutes(10));
  bench.machine.floor().lose();
  bench.machine.power_cycle(true);
  bench.direct(bench.release({.version = "3.0", .security_version = 3}));
  REQUIRE(bench.machine.run_until([&] { return bench.machine.slots().facts("main")->trial != ports::Trial::None; },
                                  hours(2)));
  CHECK_FALSE(bench.machine.floor().read("main")->is_missing);
  REQUIRE(bench.runs_within(hours(2), "3.0"));
}

TEST_CASE(
    "no image is to blame for a floor that was lost, whenever that was, and the device is healthy again in the end") {
  for (const bool has_failed_before : {false, true}) {
    UpdateBench bench;
    bench.direct(bench.release(kSecond));
    REQUIRE(bench.runs_within(hours(2), "2.0"));
    bench.pass(minutes(10));
    if (has_failed_before) {
      bench.direct(bench.release({.version = "2.5", .security_version = 2, .comes_up = false}));
      REQUIRE(bench.says_within(hours(4), "failed no-boot"));
    }
    bench.machine.service().recorded_floor = 1;
    bench.machine.floor().lose();
    bench.machine.power_cycle(true);
    bench.direct(bench.release({.version = "3.0", .security_version = 3}));
    REQUIRE(bench.runs_within(hours(4), "3.0"));
    bench.pass(hours(1));
    CHECK(bench.machine.agent().records().get<device::record::Attested>()->result.verdict == "healthy");
  }
}

TEST_CASE("a device whose service knows a higher floor closes its way back, and takes the next image all the same") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.pass(minutes(10));
  REQUIRE(bench.machine.floor().of("main") == 1);
  bench.machine.service().recorded_floor = 3;
  bench.machine.power_cycle(true);
  bench.pass(hours(1));
  CHECK(bench.machine.floor().of("main") == 2);
  CHECK(bench.machine.agent().records().get<device::record::Attested>()->result.verdict == "update-only");
  bench.direct(bench.release({.version = "3.0", .security_version = 3}));
  REQUIRE(bench.runs_within(hours(4), "3.0"));
  bench.pass(hours(1));
  CHECK(bench.machine.floor().of("main") == 3);
  CHECK(bench.machine.agent().records().get<device::record::Attested>()->result.verdict == "healthy");
}

TEST_CASE("the floor rises to the lowest that can still be started, never above a place that can") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  CHECK(bench.machine.floor().of("main") == 1);
  bench.direct(bench.release({.version = "3.0", .security_version = 3}));
  REQUIRE(bench.runs_within(hours(2), "3.0"));
  bench.pass(minutes(10));
  CHECK(bench.machine.floor().of("main") == 2);
  bench.direct("main/1.0/image");
  CHECK(bench.says_within(hours(2), "refused image-below-floor"));
  CHECK(bench.running() == "3.0");
}

TEST_CASE("a release that closes its fallback raises the floor to itself once it has run so long, and not before") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond, [](Image& image) { image.close_fallback = hours(6); }));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.pass(hours(4));
  CHECK(bench.machine.floor().of("main") == 1);
  bench.pass(hours(4));
  CHECK(bench.machine.floor().of("main") == 2);
  bench.machine.power_cycle(true);
  bench.direct("main/1.0/image");
  CHECK(bench.says_within(hours(2), "refused image-below-floor"));
  CHECK(bench.running() == "2.0");
}

TEST_CASE("a way back is closed also after a later release failed") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond, [](Image& image) { image.close_fallback = hours(24); }));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.direct(bench.release({.version = "3.0", .security_version = 3, .comes_up = false}));
  REQUIRE(bench.says_within(hours(4), "failed no-boot"));
  bench.pass(hours(30));
  CHECK(bench.machine.floor().of("main") == 2);
}

TEST_CASE("bytes that are swapped on the way are not written, whatever they are") {
  UpdateBench bench;
  const std::string path = bench.release(kSecond);
  bench.machine.service().releases().before_answer = [](std::string_view file, Blob& bytes) {
    if (file.ends_with(".image")) bytes[bytes.size() / 2] ^= 1;
  };
  bench.direct(path);
  bench.pass(hours(6));
  CHECK(bench.running() == "1.0");
  CHECK(starts_of(bench) == 1);
  CHECK(bench.state() == "waiting segment-differs");
  bench.machine.service().releases().before_answer = nullptr;
  CHECK(bench.runs_within(hours(3), "2.0"));
}

TEST_CASE("a manifest that is swapped on the way is refused") {
  UpdateBench bench;
  bench.machine.service().releases().before_answer = [](std::string_view file, Blob& bytes) {
    if (file.ends_with(".manifest")) bytes[10] ^= 1;
  };
  bench.direct(bench.release(kSecond));
  bench.pass(hours(6));
  CHECK(bench.running() == "1.0");
  CHECK(starts_of(bench) == 1);
}

TEST_CASE("an older word of the director is refused: rollback") {
  UpdateBench bench;
  auto& releases = bench.machine.service().releases();
  const std::string path = bench.release(kSecond);
  Blob first_word;
  releases.before_answer = [&](std::string_view file, Blob& bytes) {
    if (file == "director" && first_word.empty()) first_word = bytes;
  };
  bench.machine.direct({});
  bench.pass(hours(1));
  REQUIRE_FALSE(first_word.empty());
  bench.direct(path);
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  releases.before_answer = [&](std::string_view file, Blob& bytes) {
    if (file == "director") bytes = first_word;
  };
  bench.direct("main/1.0/image");
  bench.pass(hours(3));
  CHECK(bench.running() == "2.0");
  CHECK(bench.said().director == 2);
}

TEST_CASE("indefinite freeze: what the director said too long ago is not gone on with") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  auto& directed = bench.machine.service().releases().directed(bench.machine.device());
  directed.expires = bench.machine.clock().wall_time() + minutes(5);
  bench.machine.settings.window = device::update::Window{.from = hours(20), .length = hours(1)};
  bench.machine.power_cycle(false);
  bench.pass(days(2));
  CHECK(is_untouched_since(bench, 2));
  directed.expires = bench.machine.clock().wall_time() + days(9);
  CHECK(bench.runs_within(days(2), "2.0"));
}

TEST_CASE("a failed fetch is retried with backoff, not in a hot loop, and never forgotten") {
  UpdateBench bench;
  const std::string path = bench.release(kSecond);
  int asked = 0;
  bench.machine.service().releases().before_answer = [&](std::string_view file, Blob& bytes) {
    if (!file.ends_with(".image")) return;
    ++asked;
    bytes.clear();
  };
  bench.direct(path);
  bench.pass(hours(24));
  CHECK(asked > 5);
  CHECK(asked < 100);
  bench.machine.service().releases().before_answer = nullptr;
  CHECK(bench.runs_within(hours(3), "2.0"));
}

TEST_CASE("a director that says now this and now that does not wear the storage out") {
  UpdateBench bench;
  const std::string paths[] = {bench.release(kSecond), bench.release({.version = "2.1", .security_version = 2})};
  const std::string versions[] = {"2.0", "2.1"};
  const std::int64_t day = bench.machine.clock().wall_time().ms / Duration(days(1)).count();
  std::int64_t fills = 0;
  for (; fills < 20; ++fills) {
    bench.direct(paths[fills % 2]);
    if (!bench.runs_within(minutes(30), versions[fills % 2])) break;
  }
  REQUIRE(bench.machine.clock().wall_time().ms / Duration(days(1)).count() == day);
  CHECK(fills == device::update::kFillsPerDay);
  CHECK(bench.has_said("waiting wear"));
  CHECK(bench.runs_within(hours(26), versions[fills % 2]));
}

TEST_CASE("what a power cut tore in the spare place is found, and not tried") {
  UpdateBench bench;
  bench.direct(bench.release(kSecond));
  REQUIRE(
      bench.machine.run_until([&] { return bench.machine.service().releases().sent_bytes() > 256 * 1024; }, hours(1)));
  bench.machine.tears_writes = true;
  bench.machine.power_cycle(true);
  CHECK(bench.runs_within(hours(2), "2.0"));
  CHECK_FALSE(bench.machine.slots().is_lost());
}

TEST_CASE("a wrong clock loses no device: 1970, 2100, and a service at 2090 for an hour") {
  for (const char* wrong : {"1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"}) {
    UpdateBench bench;
    bench.machine.wall_is_off = *parse_rfc3339(wrong) - bench.machine.clock().wall_time();
    bench.direct(bench.release(kSecond));
    CHECK_MESSAGE(bench.runs_within(hours(8), "2.0"), wrong);
  }
  UpdateBench bench;
  bench.machine.service().time_is_off = days(365 * 64);
  bench.direct(bench.release(kSecond));
  bench.pass(hours(1));
  bench.machine.service().time_is_off = {};
  CHECK(bench.runs_within(days(3), "2.0"));
}

TEST_CASE("a wrong clock keeps no device from a director that was named while it slept") {
  for (const char* wrong : {"1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"}) {
    UpdateBench bench;
    bench.direct(bench.release(kSecond));
    REQUIRE(bench.runs_within(hours(8), "2.0"));
    bench.machine.service().publish_root();
    bench.machine.service().replace_director();
    bench.machine.wall_is_off = *parse_rfc3339(wrong) - bench.machine.clock().wall_time();
    bench.machine.power_cycle(true);
    bench.direct(bench.release({.version = "3.0", .security_version = 3}));
    CHECK_MESSAGE(bench.runs_within(days(1), "3.0"), wrong);
  }
}

}  // namespace holdfast::tests
