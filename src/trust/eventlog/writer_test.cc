#include "trust/eventlog/writer.h"

#include <doctest/doctest.h>

#include "trust/eventlog/log.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::eventlog;
using crypto::HashAlgorithm;

TEST_CASE("a written log parses to what was appended") {
  LogWriter writer;
  const Digest256 measured = crypto::sha256(as_bytes("kernel"));
  const Digest256 version = writer.append(0, kEvSCrtmVersion, as_bytes("boot 1"));
  writer.append(4, kEvIpl, measured, as_bytes("kernel.img"));
  const auto log = parse(writer.bytes());
  REQUIRE(log);
  CHECK(log->format == LogFormat::CryptoAgile);
  CHECK(log->algorithms == std::vector{HashAlgorithm::Sha256});
  REQUIRE(log->events.size() == 3);
  CHECK(version == crypto::sha256(as_bytes("boot 1")));
  CHECK(equal(digest_of(log->events[1], HashAlgorithm::Sha256), version));
  CHECK(equal(digest_of(log->events[2], HashAlgorithm::Sha256), measured));
  CHECK(log->events[2].pcr == 4);
  CHECK(describe(log->events[2]) == "EV_IPL kernel.img");
}

TEST_CASE("a log copied event by event replays to the same PCRs") {
  LogWriter first;
  first.append(0, kEvSCrtmVersion, as_bytes("boot 1"));
  first.append(4, kEvSeparator, Blob(4));
  const auto log = parse(first.bytes());
  LogWriter second;
  for (std::size_t i = 1; i < log->events.size(); ++i) second.append(log->events[i]);
  CHECK(second.bytes() == first.bytes());
}

TEST_CASE("a log without events is the header alone, and extends nothing") {
  const auto log = parse(LogWriter().bytes());
  REQUIRE(log);
  CHECK(log->events.size() == 1);
  CHECK(replay(*log, HashAlgorithm::Sha256)->extended == 0);
}
