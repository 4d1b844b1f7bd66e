// What holdfastd writes to its log: everything that an operator has to know, nothing that an attacker can fill it with.
#include <doctest/doctest.h>
#include <signal.h>

#include "attack/stage.h"
#include "base/text.h"
#include "linux/http/server.h"
#include "linux/store/sqlite/database.h"
#include "ports/store/rows/certificate.h"
#include "programs/holdfastd/log.h"
#include "tls/set_clock.h"
#include "trust/crypto/cipher.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

struct Lines {
  test::SetClock clock{WallTime{}};
  std::vector<std::string> all;
  programs::Log log{clock, [this](const std::string& line) { all.push_back(line); }};
};

service::gateway::Served failed_by(Error error) {
  service::gateway::Served out;
  out.trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  out.status = 500;
  out.error = std::move(error);
  return out;
}

Error refusal(std::string sentence) { return {Next::Rejected, linux::http::kHttpMalformed, std::move(sentence)}; }

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (const std::string_view line : split(text, '\n')) count += line.find(part) != std::string_view::npos ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a flood of refusals is one line per reason and ten seconds, with how many there were") {
  Lines lines;
  for (int i = 0; i < 1'000; ++i) lines.log.refused("192.0.2.1", refusal("saw a bad head"));
  CHECK(lines.all.size() == 1);
  lines.log.refused("192.0.2.1", {Next::Exhausted, linux::http::kHttpTooMany, "saw too many"});
  CHECK(lines.all.size() == 2);
  lines.log.catch_up();
  CHECK(lines.all.size() == 2);
  lines.clock.advance(programs::Log::kLineEvery);
  lines.log.catch_up();
  lines.log.catch_up();
  REQUIRE(lines.all.size() == 3);
  CHECK(lines.all[2].starts_with("holdfastd: http-malformed, 999 times"));
  CHECK(lines.all[2].find("192.0.2.1") != std::string::npos);
}

TEST_CASE("a store that fails again and again fills no disk with lines, damaged state is told each time") {
  Lines lines;
  service::Request request;
  request.method = "POST";
  request.path = "/v1/check-in";
  for (int i = 0; i < 50; ++i)
    lines.log.trouble(request, failed_by({Next::Retry, ports::kStoreFailed, "saw a full disk"}));
  CHECK(lines.all.size() == 1);
  for (int i = 0; i < 3; ++i) lines.log.trouble(request, failed_by({Next::Corrupt, ports::kRowCorrupt, "saw another"}));
  CHECK(lines.all.size() == 4);
  CHECK(lines.all[3] ==
        "holdfastd: failed POST /v1/check-in [4bf92f3577b34da6a3ce929d0e0e4736]: row-corrupt: saw another");
}

TEST_CASE("a line of the log is one line, whatever stands in a path or a sentence") {
  Lines lines;
  service::Request request;
  request.method = "GET";
  request.path = "/v1/\nholdfastd: all is well\x1b[2J";
  lines.log.trouble(request, failed_by({Next::Corrupt, ports::kRowCorrupt, "saw a\r\nb"}));
  lines.log.say("one\ntwo");
  for (const std::string& line : lines.all) CHECK(line.find_first_of("\n\r\x1b") == std::string::npos);
}

TEST_CASE("as JSON each line is an object, with the request's trace and what is counted") {
  Lines lines;
  lines.log.set_format(programs::LogFormat::Json);
  service::Request request;
  request.method = "POST";
  request.path = "/v1/\"\n\x1b";
  request.source = "192.0.2.1";
  lines.log.say("ready");
  lines.log.trouble(request, failed_by({Next::Corrupt, ports::kRowCorrupt, "saw another"}));
  lines.log.refused("192.0.2.1", refusal("saw a bad head"));
  lines.log.request(request, failed_by({Next::Denied, ports::kRowMissing, "no"}), Duration(12));
  REQUIRE(lines.all.size() == 4);
  const auto member = [&](std::size_t line, std::string_view name) {
    const auto value = json::parse(as_bytes(lines.all[line]));
    REQUIRE(value);
    const json::Value* found = value->find(name);
    return found == nullptr ? std::string() : found->text() != nullptr ? *found->text() : json::dump(*found);
  };
  CHECK(member(0, "text") == "ready");
  CHECK(member(0, "level") == "info");
  CHECK(member(1, "trace") == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(member(1, "reason") == ports::kRowCorrupt.word());
  CHECK(member(2, "times") == "1");
  CHECK(member(2, "source") == "192.0.2.1");
  CHECK(member(3, "event") == "request");
  CHECK(member(3, "took_ms") == "12");
  for (const std::string& line : lines.all) CHECK(line.find_first_of("\n\r\x1b") == std::string::npos);
}

TEST_CASE("damaged state is told to the log with the request, and to the caller without") {
  Stage stage;
  stage.service().end_with(SIGTERM);
  {
    const auto path = (stage.service().data() / "holdfast.sqlite").string();
    const auto database = linux::store::sqlite::Database::open({.path = path}, ports::migrations());
    REQUIRE(database);
    REQUIRE((*database)->write([](ports::Transaction& tx) -> Result<void> {
      ports::Table<ports::KeyRow> keys(tx);
      auto row = TRY(keys.find(kAcme, ports::KeyPurpose::Audit, 1));
      REQUIRE(row);
      row->sealed_key.back() ^= 1;
      return keys.update(*row);
    }));
  }
  stage.service().start();
  const std::string path = path_in(kAcme, "/audit/head");
  Caller owner(stage.service().management_port(), stage.token());
  owner.headers = {{"If-None-Match", "\"not-for-the-log\""}};
  const Answer answer = owner.get(path);
  CHECK(answer.status == 500);
  CHECK(json::dump(answer.body).find(kAcme) == std::string::npos);
  const std::string said = stage.service().said();
  CHECK(said.find(cat("holdfastd: failed GET ", path, " [")) != std::string::npos);
  CHECK(said.find(cat("]: ", trust::crypto::kSealBroken.word())) != std::string::npos);
  CHECK(said.find("not-for-the-log") == std::string::npos);
  CHECK(stage.serves());
}

TEST_CASE("refused requests and connections are in the log, not one line each") {
  Stage& stage = Stage::shared();
  for (int i = 0; i < 20; ++i) {
    answer_to(stage.service().device_port(), "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  }
  const std::size_t told = lines_with(stage.service().said(), linux::http::kHttpMalformed.word());
  CHECK(told >= 1);
  CHECK(told <= 3);
}
