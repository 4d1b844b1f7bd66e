#include "trust/appraisal/appraise.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "appraised_device.h"
#include "base/text.h"
#include "trust/appraisal/quote_checks.h"

namespace holdfast::trust::appraisal {

TEST_CASE("a device that booted what it may is healthy, and every check says so") {
  const AttestingDevice one = device();
  const Appraisal appraisal = judged(one);
  CHECK(appraisal.verdict == Verdict::Healthy);
  CHECK(failed(appraisal).empty());
  for (const CheckRow& row : kChecks) {
    CAPTURE(row.name);
    CHECK(std::ranges::count(appraisal.findings, row.check, &Finding::check) >= 1);
  }
  CHECK(std::ranges::is_sorted(appraisal.findings, {}, &Finding::check));
  REQUIRE(appraisal.images.size() == 2);
  CHECK(appraisal.images[1] == MatchedImage{"os", "2", 5, ReferenceSource::Image});
  CHECK(appraisal.clock == one.clock);
  CHECK(appraisal.client_spki == one.client.key.public_key().spki());
  CHECK(appraisal.update_spki == one.update.key.public_key().spki());
}

TEST_CASE("a replayed quote is rejected") {
  const AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.nonce = crypto::sha256(as_bytes("the nonce of today"));
  check_refused(appraise(one.evidence(), expected, {}), Check::NonceFresh);
  // With today's nonce written over the old one, the signature is over another.
  auto evidence = one.evidence();
  evidence.nonce = *expected.nonce;
  const Appraisal appraisal = appraise(evidence, expected, {});
  CHECK(appraisal.verdict == Verdict::Refused);
  CHECK(finding_of(appraisal, Check::AttestationSignature).outcome == Outcome::Failed);
  CHECK_FALSE(appraisal.clock);
}

TEST_CASE("a nonce that was never issued, has expired or was used is rejected") {
  const AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.nonce.reset();
  check_refused(appraise(one.evidence(), expected, {}), Check::NonceFresh);
}

TEST_CASE("stored evidence is judged again without asking for freshness") {
  const AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.nonce.reset();
  expected.freshness = Freshness::Replayed;
  expected.last_clock = one.clock;
  const Appraisal appraisal = appraise(one.evidence(), expected, {});
  CHECK(appraisal.verdict == Verdict::Healthy);
  CHECK(finding_of(appraisal, Check::NonceFresh).outcome == Outcome::NotJudged);
}

TEST_CASE("under several policies evidence is judged as under each alone") {
  const AttestingDevice one = device();
  Policy strict;
  strict.floor["os"] = 6;
  Policy harsh = strict;
  harsh.harsher[Check::AboveFloor] = Verdict::Quarantined;
  const Policy plain;
  const std::array<const Policy*, 3> policies = {&plain, &strict, &harsh};
  const auto together = appraise_under(one.evidence(), one.expectations({&kFirmware, &kOs}), policies);
  REQUIRE(together.size() == policies.size());
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const Appraisal alone = judged(one, *policies[i]);
    CHECK(together[i].verdict == alone.verdict);
    CHECK(together[i].findings == alone.findings);
    CHECK(together[i].client_spki == alone.client_spki);
  }
  CHECK(together[0].verdict == Verdict::Healthy);
  CHECK(together[1].verdict == Verdict::UpdateOnly);
  CHECK(together[2].verdict == Verdict::Quarantined);
}

TEST_CASE("evidence that was accepted when it came is judged by its log alone and earns no certificate") {
  AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.freshness = Freshness::Accepted;
  Policy strict;
  strict.floor["os"] = 6;
  const Appraisal appraisal = appraise(one.evidence(), expected, strict);
  CHECK(appraisal.verdict == Verdict::UpdateOnly);
  CHECK(failed(appraisal) == std::vector<Check>{Check::AboveFloor});
  CHECK(finding_of(appraisal, Check::AttestationSignature).outcome == Outcome::NotJudged);
  CHECK_FALSE(appraisal.client_spki);
  CHECK_FALSE(appraisal.clock);
}

TEST_CASE("a body changed after signing is rejected") {
  AttestingDevice one = device();
  one.body.push_back('!');
  const Appraisal appraisal = judged(one);
  CHECK(failed(appraisal) ==
        std::vector<Check>{Check::AttestationSignature, Check::ClientKeyCertified, Check::UpdateKeyCertified});
  CHECK(appraisal.verdict == Verdict::Refused);
}

TEST_CASE("a quote signed by another key is rejected") {
  AttestingDevice one = device();
  const AttestingDevice::TlsKey other = AttestingDevice::tls_key(9);
  one.ak_area = tpm::attestation_key_area(other.key.public_key());
  CHECK(judged(one).verdict == Verdict::Refused);
  CHECK(finding_of(judged(one), Check::QuoteDigest).outcome == Outcome::NotJudged);
}

TEST_CASE("a certification sent in the place of the quote is rejected") {
  AttestingDevice one = device();
  one.quote = one.client.attest;
  one.quote_signature = one.client.signature;
  check_refused(judged(one), Check::AttestationSignature);
}

TEST_CASE("a quote of fewer PCRs, of no PCR, or of another bank is rejected") {
  using Selections = std::vector<tpm::PcrSelection>;
  using crypto::HashAlgorithm;
  for (const Selections& selections :
       {Selections{{HashAlgorithm::Sha256, 0xFFFE}}, Selections{{HashAlgorithm::Sha256, 0}}, Selections{},
        Selections{{HashAlgorithm::Sha1, 0xFFFF}}, Selections{{HashAlgorithm::Sha256, 0x1FFFF}},
        Selections{{HashAlgorithm::Sha256, 0xFFFF}, {HashAlgorithm::Sha1, 0xFFFF}}}) {
    AttestingDevice one = device();
    one.selections = selections;
    one.sign();
    check_refused(judged(one), Check::QuoteSelection);
  }
}

TEST_CASE("PCR values that are not the quoted ones are rejected") {
  AttestingDevice one = device();
  one.pcr_values[7][0] ^= 1;
  const Appraisal appraisal = judged(one);
  CHECK(failed(appraisal) == std::vector<Check>{Check::QuoteDigest, Check::LogReplays});
  AttestingDevice fewer = device();
  fewer.pcr_values.pop_back();
  CHECK(judged(fewer).verdict == Verdict::Refused);
  AttestingDevice none = device();
  none.pcr_values.clear();
  CHECK(judged(none).verdict == Verdict::Refused);
}

TEST_CASE("a log rewritten to look healthy does not replay to the quote and is rejected") {
  Boot tampered = kBoot;
  tampered[2].text = "evil kernel";
  AttestingDevice one = device(tampered);
  one.event_log = log_of(kBoot);
  const Appraisal appraisal = judged(one);
  check_refused(appraisal, Check::LogReplays);
  CHECK(finding_of(appraisal, Check::LogReplays).pcr == 4u);
}

TEST_CASE("a tampered boot is update-only and the event is named") {
  Boot tampered = kBoot;
  tampered[2].text = "evil kernel";
  const Appraisal appraisal = judged(device(tampered));
  check_update_only(appraisal, Check::EventsKnown);
  const Finding& finding = finding_of(appraisal, Check::EventsKnown);
  CHECK(finding.pcr == 4u);
  CHECK(finding.event_index == 3u);
  CHECK(finding.expected.starts_with("os 2 'kernel 2' with SHA-256 "));
  CHECK(finding.seen.starts_with("event 3 EV_IPL evil kernel with SHA-256 "));
  CHECK(appraisal.images.empty());
  CHECK(finding_of(appraisal, Check::AboveFloor).outcome == Outcome::NotJudged);
}

TEST_CASE("a log that cannot be read is update-only, and PCRs are judged by their values") {
  for (const Blob& log : {Blob{}, Blob(10, 0xFF), Blob(eventlog::kLogBytesMax + 1, 0)}) {
    AttestingDevice one = device();
    one.event_log = log;
    const Appraisal appraisal = judged(one);
    CHECK(appraisal.verdict == Verdict::UpdateOnly);
    CHECK(finding_of(appraisal, Check::LogParses).outcome == Outcome::Failed);
    CHECK(finding_of(appraisal, Check::LogReplays).outcome == Outcome::NotJudged);
    // PCR 4, in which firmware and OS interleave, is not covered without the log; the others are.
    CHECK(finding_of(appraisal, Check::EventsKnown).pcr == 4u);
    CHECK(failed(appraisal) == std::vector<Check>{Check::LogParses, Check::EventsKnown});
  }
}

TEST_CASE("a log cut short is update-only or rejected, never healthy") {
  const AttestingDevice whole = device();
  for (std::size_t size = 0; size < whole.event_log.size(); ++size) {
    AttestingDevice one = device();
    one.event_log.resize(size);
    CHECK(judged(one).verdict != Verdict::Healthy);
  }
}

TEST_CASE("a key that the attestation key did not certify is rejected") {
  AttestingDevice one = device();
  one.client.public_area = AttestingDevice::tls_key(9).public_area;
  const Appraisal appraisal = judged(one);
  CHECK(failed(appraisal) == std::vector<Check>{Check::ClientKeyCertified});
  CHECK(appraisal.verdict == Verdict::Refused);
  AttestingDevice other = device();
  std::swap(other.update.attest, other.client.attest);
  std::swap(other.update.signature, other.client.signature);
  CHECK(failed(judged(other)) == std::vector<Check>{Check::ClientKeyCertified, Check::UpdateKeyCertified});
}

TEST_CASE("a software key posing as a TPM key is rejected") {
  AttestingDevice one = device();
  tpm::PublicArea area = *tpm::parse_public_area(one.update.public_area);
  area.attributes &= ~tpm::kFixedTpm;
  one.update.public_area = tpm::marshal(area);
  one.sign();
  CHECK(failed(judged(one)) == std::vector<Check>{Check::UpdateKeyCertified});
}

TEST_CASE("one key for both certificates is rejected") {
  AttestingDevice one = device();
  one.update = AttestingDevice::tls_key(2);
  one.sign();
  CHECK(failed(judged(one)) == std::vector<Check>{Check::UpdateKeyCertified});
}

TEST_CASE("a request for another key is rejected") {
  AttestingDevice one = device();
  one.client.request = AttestingDevice::tls_key(9).request;
  check_refused(judged(one), Check::RequestMatchesKey);
  std::swap(one.client.request, one.update.request);
  CHECK(judged(one).verdict == Verdict::Refused);
  AttestingDevice malformed = device();
  malformed.update.request.resize(20);
  check_refused(judged(malformed), Check::RequestMatchesKey);
}

TEST_CASE("two devices with one identity are quarantined") {
  const AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.last_clock = one.clock;
  expected.last_clock->clock_ms += 1;
  const Appraisal appraisal = appraise(one.evidence(), expected, {});
  CHECK(appraisal.verdict == Verdict::Quarantined);
  CHECK(failed(appraisal) == std::vector<Check>{Check::ClockForward});
  CHECK(appraisal.clock == expected.last_clock);  // what is remembered does not go back with it
}

TEST_CASE("the clock goes back where counters do, or further than a reset can take it") {
  const tpm::ClockInfo last{.clock_ms = 100'000'000, .reset_count = 5, .restart_count = 2, .safe = true};
  const auto is_behind = [&](std::uint64_t clock_ms, std::uint32_t resets, std::uint32_t restarts) {
    return !behind(last, {.clock_ms = clock_ms, .reset_count = resets, .restart_count = restarts, .safe = true})
                .empty();
  };
  CHECK_FALSE(is_behind(100'000'000, 5, 2));
  CHECK_FALSE(is_behind(100'000'001, 5, 2));
  CHECK(is_behind(99'999'999, 5, 2));
  CHECK(is_behind(200'000'000, 5, 1));
  CHECK_FALSE(is_behind(100'000'000, 5, 3));
  CHECK(is_behind(200'000'000, 4, 9));
  CHECK_FALSE(is_behind(100'000'000, 6, 0));
  CHECK_FALSE(is_behind(100'000'000 - kClockBehindMs, 6, 0));
  CHECK(is_behind(100'000'000 - kClockBehindMs - 1, 6, 0));
}

TEST_CASE("a policy makes a failure harsher") {
  Policy policy;
  policy.harsher = {{Check::EventsKnown, Verdict::Quarantined}};
  Boot tampered = kBoot;
  tampered[0].text = "evil crtm";
  CHECK(judged(device(tampered), policy).verdict == Verdict::Quarantined);
}

TEST_CASE("a device that measured nothing is not healthy, whatever may be absent") {
  Policy policy;
  policy.optional = {"firmware", "os"};
  AttestingDevice one({});
  CHECK(judged(one, policy).verdict == Verdict::UpdateOnly);
  CHECK(appraise(one.evidence(), one.expectations({}), {}).verdict == Verdict::UpdateOnly);
}

TEST_CASE("a device of which nothing is known is update-only") {
  const AttestingDevice one = device();
  const Appraisal appraisal = appraise(one.evidence(), one.expectations({}), {});
  CHECK(appraisal.verdict == Verdict::UpdateOnly);
  CHECK(failed(appraisal).size() == kBoot.size());
}

TEST_CASE("empty evidence is refused without harm") {
  const AttestingDevice one = device();
  const Appraisal appraisal = appraise({}, one.expectations({}), {});
  CHECK(appraisal.verdict == Verdict::Refused);
  CHECK_FALSE(appraisal.clock);
}

TEST_CASE("a check that was not judged goes with another that failed, or with stored evidence") {
  const AttestingDevice one = device();
  for (std::size_t size = 0; size < 200; size += 7) {
    auto evidence = one.evidence();
    evidence.client_key.public_area =
        evidence.client_key.public_area.first(size % evidence.client_key.public_area.size());
    evidence.quote = evidence.quote.first(std::min(size, evidence.quote.size()));
    const Appraisal appraisal = appraise(evidence, one.expectations({&kFirmware, &kOs}), {});
    const bool is_judged_in_full = std::ranges::none_of(
        appraisal.findings, [](const Finding& finding) { return finding.outcome == Outcome::NotJudged; });
    CHECK((is_judged_in_full || appraisal.verdict != Verdict::Healthy));
  }
}

}  // namespace holdfast::trust::appraisal
