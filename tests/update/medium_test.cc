// A device that is carried its updates (docs/attacks.md, 12 to 14): the real agent, a medium, a service that is away.
#include "medium_bench.h"

namespace holdfast::tests {

TEST_CASE("a device without a service takes what is carried to it, tries it and keeps it once it ran long enough") {
  for (const bool needs_boot : {true, false}) {
    MediumBench bench(minutes(15), needs_boot);
    bench.machine.service_is_away = true;
    bench.machine.power_cycle(true);  // a boot that nobody attested
    const std::string path = bench.release(kSecond);
    bench.carry({path});
    const Instant begun = bench.machine.clock().now();
    CHECK(bench.runs(hours(2), "2.0"));
    CHECK(bench.machine.slots().facts("main")->confirmed == ports::Slot::B);
    CHECK(bench.machine.clock().now() - begun >= minutes(15));
    CHECK(bench.machine.service().releases().sent_bytes() == 0);
    CHECK(bench.machine.floor().of("main") == 1);
    bench.machine.power_cycle(true);
    CHECK(bench.running() == "2.0");
  }
}

TEST_CASE("without the owner's leave nothing is kept that no service was reached with, and it is not blamed") {
  MediumBench bench(Duration::zero());
  const std::string path = bench.release(kSecond);
  bench.machine.service_is_away = true;
  bench.carry({path});
  REQUIRE(bench.machine.run_until([&] { return bench.running() == "2.0"; }, hours(2)));
  bench.pass(hours(12));
  CHECK(bench.is_back());
  bench.machine.service_is_away = false;
  CHECK(bench.runs(hours(4), "2.0"));
}

TEST_CASE("a word for the device's group, or for it alone, is followed; one for others is refused") {
  for (const bool is_alone : {true, false}) {
    MediumBench bench;
    const tuf::Audience ours =
        is_alone ? tuf::Audience{bench.machine.device(), "", ""} : tuf::Audience{"", "gateway", "field"};
    bench.carry({bench.release(kSecond)}, 1, kOffline, ours);
    CHECK(bench.runs(hours(2), "2.0"));
  }
  MediumBench bench;
  bench.carry({bench.release(kSecond)}, 1, kOffline, {"hf-another", "", ""});
  CHECK(bench.refusals_within(hours(2)) == "word-missing");
  auto word = bench.medium.files.extract(wire::carried_word(kCatalogName, {"hf-another", "", ""}));
  word.key() = wire::carried_word(kCatalogName, {});
  bench.medium.files.insert(std::move(word));
  CHECK(bench.refusals_within(hours(2)) == "director-targets-foreign");
  CHECK(bench.is_untouched());
}

TEST_CASE("a word that a service's director or a stranger signed is refused from a medium, and said once") {
  MediumBench bench;
  const std::string path = bench.release(kSecond);
  bench.carry({path}, 1, kStranger);
  CHECK(bench.refusals_within(hours(3)) == "threshold-missed");
  // Without another key, the service's own: a stolen service's word, carried.
  bench.machine.service().change_policy = [](tuf::TrustPolicy& policy) {
    policy.offline_director = tuf::OfflineDirector{{{tuf_key(kOffline)}, {{tuf_key(kOffline).id}, 1}}, minutes(15)};
    policy.director->keys.push_back(tuf_key(kStranger));
    policy.director->role.key_ids.push_back(tuf_key(kStranger).id);
  };
  bench.machine.service().publish_trust_policy();
  CHECK(bench.refusals_within(hours(3)) == "offline-targets-online");
  CHECK(bench.is_untouched());
}

TEST_CASE("under a policy without an offline director a medium directs nothing") {
  MediumBench bench;
  bench.machine.service().change_policy = nullptr;
  bench.machine.service().publish_trust_policy();
  bench.pass(hours(1));
  bench.carry({bench.release(kSecond)});
  CHECK(bench.refusals_within(hours(2)) == "director-missing");
  CHECK(bench.is_untouched());
}

TEST_CASE("a medium that was tampered with changes nothing, wherever it was") {
  MediumBench bench;
  bench.carry({bench.release(kSecond)});
  for (const std::string& name :
       {bench.newest("timestamp.json"), bench.newest("snapshot.json"), bench.newest("targets.json")}) {
    Blob kept = bench.medium.files.at(name);
    bench.medium.files.at(name)[kept.size() / 2] ^= 1;
    bench.machine.agent().wake();
    CHECK_MESSAGE(!bench.refusals_within(minutes(10)).empty(), name);
    CHECK(bench.is_untouched());
    bench.medium.files[name] = kept;
  }
  auto image = std::ranges::find_if(bench.medium.files, [](const auto& file) {
    return file.first.starts_with("targets/main/2.0") && file.first.ends_with(".image");
  });
  REQUIRE(image != bench.medium.files.end());
  image->second[image->second.size() / 2] ^= 1;
  bench.pass(hours(3));
  CHECK(bench.is_untouched());
  image->second[image->second.size() / 2] ^= 1;
  CHECK(bench.runs(hours(6), "2.0"));
}

TEST_CASE("rollback: an older word and an older repository are refused, whatever the service said in between") {
  MediumBench bench;
  const std::string second = bench.release(kSecond);
  bench.carry({second}, 1);
  const auto old_stick = bench.medium.files;
  const std::string third = bench.release({.version = "3.0", .security_version = 3});
  bench.carry({third}, 2);
  REQUIRE(bench.runs(hours(3), "3.0"));
  bench.medium.files = old_stick;
  CHECK(bench.refusals_within(hours(2)) == "director-targets-rolled-back");
  bench.direct(third);
  bench.pass(hours(1));
  CHECK(bench.said().director == 1);
  // A newer word beside the old metadata.
  bench.carry({second}, 5);
  for (const auto& [name, file] : old_stick) {
    if (name.starts_with("metadata/")) bench.medium.files[name] = file;
  }
  CHECK(bench.refusals_within(hours(2)) == "metadata-rolled-back");
  CHECK(bench.running() == "3.0");
}

TEST_CASE("the word that was taken last is followed, and neither director's is taken twice") {
  MediumBench bench;
  const std::string second = bench.release(kSecond);
  const std::string third = bench.release({.version = "3.0", .security_version = 2});
  bench.direct(second);
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.carry({third}, 1);
  REQUIRE(bench.runs(hours(2), "3.0"));
  // Neither the service's last word nor the medium's, said again, takes it back.
  bench.pass(hours(3));
  CHECK(bench.running() == "3.0");
  CHECK(bench.said().director == 0);  // what the service said is not what is followed
  bench.direct(second);
  REQUIRE(bench.runs_within(hours(3), "2.0"));
  bench.machine.power_cycle(true);
  bench.pass(hours(3));
  CHECK(bench.running() == "2.0");
  bench.carry({third}, 2);
  CHECK(bench.runs(hours(3), "3.0"));
}

TEST_CASE("an offline director that was dismissed has no word any more: what the service said last counts again") {
  MediumBench bench;
  const std::string second = bench.release(kSecond);
  bench.direct(second);
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  bench.carry({bench.release({.version = "3.0", .security_version = 2})}, 1);
  REQUIRE(bench.runs(hours(2), "3.0"));
  bench.machine.service().change_policy = nullptr;
  bench.machine.service().publish_trust_policy();
  CHECK(bench.runs_within(hours(3), "2.0"));
  CHECK(bench.said().director == 1);
}

TEST_CASE("what failed from a medium is not tried again until a newer word names it") {
  MediumBench bench;
  KnownImage dead = kSecond;
  dead.comes_up = false;
  const std::string path = bench.release(dead);
  bench.machine.service_is_away = true;
  bench.carry({path}, 1);
  bench.pass(hours(6));
  CHECK(bench.is_back());
  const int starts = bench.machine.slots().starts("main");
  bench.pass(hours(12));
  CHECK(bench.machine.slots().starts("main") == starts);
  bench.carry({path}, 2);
  bench.pass(hours(1));
  CHECK(bench.machine.slots().starts("main") > starts);
}

TEST_CASE("a medium that is pulled out costs time alone, and one whose word has ended is not gone on with") {
  MediumBench bench;
  const std::string path = bench.release(kSecond);
  bench.machine.settings.bytes_per_second = 10'000;
  bench.machine.power_cycle(false);
  bench.machine.service_is_away = true;
  bench.life = hours(8);
  bench.carry({path}, 1);
  bench.pass(seconds(10));
  bench.medium.is_in = false;
  bench.pass(hours(2));
  CHECK(bench.is_untouched());
  bench.medium.is_in = true;
  CHECK(bench.runs(hours(2), "2.0"));

  MediumBench late;
  const std::string other = late.release(kSecond);
  late.life = hours(2);
  late.carry({other}, 1);
  late.medium.is_in = false;
  late.pass(hours(3));
  late.medium.is_in = true;
  CHECK(late.refusals_within(hours(3)) == "metadata-expired");
  CHECK(late.is_untouched());
}

TEST_CASE("a medium brings the owner's next trust policy, signed by the next root, where no service does") {
  MediumBench bench;
  bench.machine.service_is_away = true;
  const std::int64_t before = bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version;
  bench.machine.service().publish_root();
  bench.machine.service().change_policy = [](tuf::TrustPolicy& policy) {
    policy.offline_director = tuf::OfflineDirector{{{tuf_key(kStranger)}, {{tuf_key(kStranger).id}, 1}}, minutes(15)};
  };
  bench.machine.service().publish_trust_policy();
  bench.carry({bench.release(kSecond)}, 1, kStranger);
  CHECK(bench.refusals_within(hours(1)) == "threshold-missed");
  bench.medium.files[wire::carried_trust_policy(kCatalogName)] = bench.machine.service().trust_policy();
  bench.medium.files["metadata/2.root.json"] = bench.machine.service().roots().back();
  CHECK(bench.runs(hours(3), "2.0"));
  CHECK(bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version == before + 1);
  // A policy that its owner did not sign is not taken.
  bench.machine.service().publish_trust_policy();
  Blob forged = bench.machine.service().trust_policy();
  const auto at = as_text(forged).find("sig\"") + 20;
  forged[at] = forged[at] == 'a' ? 'b' : 'a';
  bench.medium.files[wire::carried_trust_policy(kCatalogName)] = forged;
  CHECK(bench.refusals_within(hours(1)) == "threshold-missed");
  CHECK(bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version == before + 1);
}

TEST_CASE("a power cut between a carried root and its pin shuts no device out") {
  MediumBench bench;
  bench.machine.service_is_away = true;
  auto& service = bench.machine.service();
  const std::int64_t before = bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version;
  service.publish_root();
  service.publish_trust_policy();
  bench.carry({bench.release(kSecond)}, 1);
  bench.medium.files[wire::carried_trust_policy(kCatalogName)] = service.trust_policy();
  for (std::size_t i = 0; i < service.roots().size(); ++i) {
    bench.medium.files[cat("metadata/", i + 1, ".root.json")] = service.roots()[i];
  }
  auto kept = bench.machine.keep();
  REQUIRE(kept.disk.write(device::update::kOwnerRootRecord, service.roots().back()));
  bench.machine.put_back(kept, bench.machine.clock().wall_time());
  bench.machine.service_is_away = true;
  CHECK(bench.runs(hours(3), "2.0"));
  CHECK(bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version == before + 1);
}

TEST_CASE("the owner's word that takes a time floor back is carried to a device that no service reaches") {
  MediumBench bench;
  auto& service = bench.machine.service();
  const auto floor = [&] { return to_text(**bench.machine.keep().disk.read(device::update::kTimeFloorRecord)); };
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  service.time_is_off = days(250);
  for (int halves = 0; halves < 6; ++halves) bench.pass(hours(12));
  REQUIRE(*parse_rfc3339(floor()) > bench.machine.clock().wall_time() + days(200));
  bench.machine.service_is_away = true;
  const WallTime truth = bench.machine.clock().wall_time();
  service.change_policy = [=](tuf::TrustPolicy& policy) { policy.time_floor = tuf::LoweredTimeFloor{truth}; };
  service.publish_trust_policy();
  bench.medium.files = service.releases().files();
  bench.medium.is_in = true;
  bench.pass(hours(1));
  CHECK(*parse_rfc3339(floor()) > truth + days(200));
  bench.medium.files[wire::carried_trust_policy(kCatalogName)] = service.trust_policy();
  bench.pass(hours(1));
  CHECK(floor() == to_rfc3339(truth));
}

TEST_CASE("a time floor that a service lied up is taken back by the owner's word alone, and once") {
  UpdateBench bench;
  auto& service = bench.machine.service();
  const auto floor = [&] { return to_text(**bench.machine.keep().disk.read(device::update::kTimeFloorRecord)); };
  const auto lie = [&] {
    service.time_is_off = days(250);
    bench.pass(days(3));
    service.time_is_off = {};
  };
  const auto publish = [&](const std::optional<tuf::LoweredTimeFloor>& lowered, Duration life = days(2000)) {
    service.change_policy = [=, &bench](tuf::TrustPolicy& policy) {
      policy.time_floor = lowered;
      policy.expires = bench.machine.clock().wall_time() + life;
    };
    service.publish_trust_policy();
    bench.pass(minutes(30));
  };
  const auto policy = [&] {
    return bench.machine.agent().records().get<device::record::Owner>()->trust_policy.version;
  };
  bench.direct(bench.release(kSecond));
  REQUIRE(bench.runs_within(hours(2), "2.0"));
  lie();
  const std::string lied = floor();
  const WallTime truth = bench.machine.clock().wall_time();
  REQUIRE(*parse_rfc3339(lied) > truth + days(200));
  publish({});
  publish(tuf::LoweredTimeFloor{truth, "hf-another"});
  CHECK(floor() == lied);
  // A policy that the lie would have ended is believed where it takes the lie back, and not where it does not.
  const std::int64_t before = policy();
  publish({}, days(100));
  CHECK(policy() == before);
  publish(tuf::LoweredTimeFloor{truth, bench.machine.device()}, days(100));
  CHECK(policy() == before + 2);
  CHECK(floor() == to_rfc3339(truth));
  lie();
  const std::string again = floor();
  REQUIRE(*parse_rfc3339(again) > truth + days(200));
  bench.machine.power_cycle(true);
  bench.pass(hours(2));
  CHECK(floor() == again);  // the same policy counts no second time
}

}  // namespace holdfast::tests
