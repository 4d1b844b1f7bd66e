#include "trust/eventlog/log.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/byte_io.h"
#include "base/encoding.h"
#include "trust/eventlog/writer.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::eventlog;
using crypto::HashAlgorithm;

namespace {

struct Algorithm {
  std::uint16_t id;
  std::uint16_t bytes;
};
constexpr Algorithm kSha1{0x0004, 20};
constexpr Algorithm kSha256{0x000B, 32};
constexpr Algorithm kSm3{0x0012, 32};

/// A log made of parts that may contradict each other.
class Forger {
 public:
  Forger& sha1_event(std::uint32_t pcr, std::uint32_t type, Bytes data) {
    out_.u32(pcr).u32(type).bytes(Blob(20, 1)).u32(static_cast<std::uint32_t>(data.size())).bytes(data);
    return *this;
  }
  Forger& spec_id(const std::vector<Algorithm>& algorithms, Bytes vendor = {}) {
    ByteWriter id(Endian::Little);
    id.bytes(as_bytes({"Spec ID Event03\0", 16})).u32(0).u8(0).u8(2).u8(0).u8(2);
    id.u32(static_cast<std::uint32_t>(algorithms.size()));
    for (const Algorithm& algorithm : algorithms) id.u16(algorithm.id).u16(algorithm.bytes);
    id.u8(static_cast<std::uint8_t>(vendor.size())).bytes(vendor);
    return sha1_event(0, kEvNoAction, id.written());
  }
  Forger& event(std::uint32_t pcr, std::uint32_t type, const std::vector<Algorithm>& algorithms, Bytes data) {
    out_.u32(pcr).u32(type).u32(static_cast<std::uint32_t>(algorithms.size()));
    for (const Algorithm& algorithm : algorithms) out_.u16(algorithm.id).bytes(Blob(algorithm.bytes, 2));
    out_.u32(static_cast<std::uint32_t>(data.size())).bytes(data);
    return *this;
  }
  const Blob& bytes() const { return out_.written(); }

 private:
  ByteWriter out_{Endian::Little};
};

constexpr std::string_view kLocality3{"StartupLocality\0\x03", 17};

Reason refusal(Bytes bytes) {
  const auto log = parse(bytes);
  REQUIRE_FALSE(log);
  return log.error().reason;
}

Reason refusal(const Forger& forger) { return refusal(forger.bytes()); }

}  // namespace

TEST_CASE("an empty log is refused, and so is an over-long one") {
  CHECK(refusal(Blob()) == kEventLogEmpty);
  CHECK(refusal(Blob(kLogBytesMax + 1)) == kEventLogTooLong);
}

TEST_CASE("a log of more events than the limit is refused") {
  Forger forger;
  for (std::size_t i = 0; i < kEventsMax; ++i) forger.sha1_event(0, kEvAction, {});
  CHECK(parse(forger.bytes()));
  CHECK(refusal(forger.sha1_event(0, kEvAction, {})) == kEventLogTooLong);
}

TEST_CASE("an event of more data than the limit is refused") {
  CHECK(parse(Forger().sha1_event(0, kEvIpl, Blob(kEventBytesMax)).bytes()));
  CHECK(refusal(Forger().sha1_event(0, kEvIpl, Blob(kEventBytesMax + 1))) == kEventLogMalformed);
}

TEST_CASE("a log cut anywhere but between two events is refused as truncated") {
  LogWriter writer;
  std::vector<std::size_t> ends = {writer.bytes().size()};
  for (int i = 0; i < 3; ++i) {
    writer.append(4, kEvIpl, as_bytes("event"));
    ends.push_back(writer.bytes().size());
  }
  for (std::size_t size = 1; size < writer.bytes().size(); ++size) {
    const auto log = parse(Bytes(writer.bytes()).first(size));
    const bool between = std::find(ends.begin(), ends.end(), size) != ends.end();
    CHECK(log.has_value() == between);
    if (!log) CHECK(log.error().reason == kEventLogTruncated);
  }
}

TEST_CASE("an event for a PCR above 23 is refused, unless it is informative and names none") {
  CHECK(refusal(Forger().sha1_event(24, kEvAction, {})) == kEventLogMalformed);
  CHECK(refusal(Forger().sha1_event(0xFFFFFFFF, kEvAction, {})) == kEventLogMalformed);
  CHECK(refusal(Forger().sha1_event(24, kEvNoAction, {})) == kEventLogMalformed);
  CHECK(parse(Forger().sha1_event(0xFFFFFFFF, kEvNoAction, as_bytes("SP800-155 Event")).bytes()));
}

TEST_CASE("an event whose digests are not those of the header is refused") {
  const auto with = [](const std::vector<Algorithm>& digests) {
    return Forger().spec_id({kSha1, kSha256}).event(0, kEvAction, digests, {});
  };
  CHECK(parse(with({kSha1, kSha256}).bytes()));
  CHECK(parse(with({kSha256, kSha1}).bytes()));
  CHECK(refusal(with({kSha256})) == kEventLogMalformed);
  CHECK(refusal(with({})) == kEventLogMalformed);
  CHECK(refusal(with({kSha256, kSha256})) == kEventLogMalformed);
  CHECK(refusal(with({kSha256, kSm3})) == kEventLogMalformed);
  CHECK(refusal(with({kSha1, kSha256, kSm3})) == kEventLogMalformed);
}

TEST_CASE("a header that contradicts itself is refused") {
  CHECK(refusal(Forger().spec_id({})) == kEventLogMalformed);
  CHECK(refusal(Forger().spec_id({kSha256, kSha256})) == kEventLogMalformed);
  CHECK(refusal(Forger().spec_id({{0x000B, 20}})) == kEventLogMalformed);
  CHECK(refusal(Forger().spec_id({{0x0012, 0}})) == kEventLogMalformed);
  CHECK(refusal(Forger().spec_id({{0x0012, 65}})) == kEventLogMalformed);
  CHECK(refusal(Forger().spec_id(std::vector<Algorithm>(kLogAlgorithmsMax + 1, kSm3))) == kEventLogMalformed);
  CHECK(parse(Forger().spec_id({kSha256}, as_bytes("vendor")).bytes()));

  Blob trailing = LogWriter().bytes();
  trailing[28] = static_cast<std::uint8_t>(trailing[28] + 1);
  trailing.push_back(0);
  CHECK(refusal(trailing) == kEventLogMalformed);
}

TEST_CASE("digests by an algorithm that we do not know are passed over, not replayed") {
  const auto log = parse(Forger().spec_id({kSm3, kSha256}).event(1, kEvAction, {kSm3, kSha256}, {}).bytes());
  REQUIRE(log);
  CHECK(log->algorithms == std::vector{HashAlgorithm::Sha256});
  CHECK(log->events[1].digests == std::vector{EventDigest{HashAlgorithm::Sha256, Blob(32, 2)}});
  CHECK(replay(*log, HashAlgorithm::Sha1).error().reason == kEventLogBankMissing);
}

TEST_CASE("replaying extends PCRs from zero and passes over informative events") {
  LogWriter writer;
  writer.append(4, kEvIpl, as_bytes("a"));
  writer.append(4, kEvNoAction, as_bytes("informative"));
  writer.append(4, kEvIpl, as_bytes("b"));
  const auto replayed = replay(*parse(writer.bytes()), HashAlgorithm::Sha256);
  REQUIRE(replayed);
  const Digest256 first = crypto::sha256({Digest256{}, crypto::sha256(as_bytes("a"))});
  CHECK(equal(replayed->pcrs[4], crypto::sha256({first, crypto::sha256(as_bytes("b"))})));
  CHECK(replayed->extended == 1u << 4);
  CHECK(replayed->pcrs[0] == Blob(32));
}

TEST_CASE("a SHA-1 log replays in its one bank") {
  const auto log = parse(Forger().sha1_event(2, kEvAction, as_bytes("x")).bytes());
  REQUIRE(log);
  CHECK(log->format == LogFormat::Sha1);
  CHECK(replay(*log, HashAlgorithm::Sha1)->pcrs[2] == crypto::hash(HashAlgorithm::Sha1, {Blob(20), Blob(20, 1)}));
  CHECK(replay(*log, HashAlgorithm::Sha256).error().reason == kEventLogBankMissing);
}

TEST_CASE("PCR 0 begins with the startup locality") {
  const auto log = parse(Forger().sha1_event(0, kEvNoAction, as_bytes(kLocality3)).bytes());
  REQUIRE(log);
  CHECK(log->startup_locality == 3);
  CHECK(to_hex(replay(*log, HashAlgorithm::Sha1)->pcrs[0]) == "0000000000000000000000000000000000000003");
}

TEST_CASE("a startup locality that is doubled, impossible, cut or for another PCR is refused") {
  const auto informative = [](std::uint32_t pcr, std::string_view data) {
    return Forger().sha1_event(pcr, kEvNoAction, as_bytes(data));
  };
  CHECK(refusal(informative(0, kLocality3).sha1_event(0, kEvNoAction, as_bytes(kLocality3))) == kEventLogMalformed);
  CHECK(refusal(informative(0, {"StartupLocality\0\x01", 17})) == kEventLogMalformed);
  CHECK(refusal(informative(0, {"StartupLocality\0", 16})) == kEventLogMalformed);
  CHECK(refusal(informative(0, {"StartupLocality\0\x03\x03", 18})) == kEventLogMalformed);
  CHECK(refusal(informative(1, kLocality3)) == kEventLogMalformed);
  CHECK(parse(Forger().sha1_event(0, kEvAction, as_bytes(kLocality3)).bytes())->startup_locality == std::nullopt);
}

TEST_CASE("a startup locality after PCR 0 was extended is refused") {
  CHECK(refusal(Forger().sha1_event(0, kEvAction, {}).sha1_event(0, kEvNoAction, as_bytes(kLocality3))) ==
        kEventLogMalformed);
}

TEST_CASE("PCRs 17 to 22 hold ones until a dynamic launch extends them from zero") {
  const auto replayed = replay(*parse(Forger().sha1_event(17, kEvAction, {}).bytes()), HashAlgorithm::Sha1);
  CHECK(replayed->pcrs[17] == crypto::hash(HashAlgorithm::Sha1, {Blob(20), Blob(20, 1)}));
  CHECK(replayed->pcrs[18] == Blob(20, 0xFF));
  CHECK(replayed->pcrs[22] == Blob(20, 0xFF));
  CHECK(replayed->pcrs[23] == Blob(20));
}

TEST_CASE("a refusal says where it stood and what it saw") {
  CHECK(parse(Forger().sha1_event(31, kEvAction, {}).bytes()).error().message ==
        "event log: expected a PCR below 24 before offset 8, saw 31");
}
