// 5-security, line 27: secrets never appear in logs, errors, core dumps, process arguments or URLs.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack/stage.h"
#include "base/encoding.h"
#include "base/text.h"
#include "wire/claim_ticket.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

constexpr uid_t kNobody = 65'534;

/// A secret in each spelling in which somebody could have written it.
std::vector<std::string> spellings(const std::string& secret) {
  return {secret, to_hex(as_bytes(secret)), to_base64(as_bytes(secret)), to_base64url(as_bytes(secret))};
}

bool is_in(const std::string& text, const std::string& secret) {
  for (const std::string& one : spellings(secret)) {
    if (text.find(one) != std::string::npos) return true;
  }
  return false;
}

std::string process_file(pid_t pid, std::string_view name) { return text_of_file(cat("/proc/", pid, "/", name)); }

/// Whose the kernel says that the process's memory is: root's where it may not be dumped.
uid_t owner_of_memory(pid_t pid) {
  struct stat facts{};
  REQUIRE(::stat(cat("/proc/", pid, "/maps").c_str(), &facts) == 0);
  return facts.st_uid;
}

bool may_dump_core(pid_t pid) {
  const std::string limits = process_file(pid, "limits");
  const std::size_t at = limits.find("Max core file size");
  REQUIRE(at != std::string::npos);
  return trim(std::string_view(limits).substr(at + 18, 42)).substr(0, 1) != "0";
}

/// A folder that a process of that user may use.
void hand_to(const std::filesystem::path& folder, uid_t user) {
  if (::getuid() == 0) REQUIRE(::chown(folder.c_str(), user, user) == 0);
}

}  // namespace

TEST_CASE("no token, link, ticket or key is in what the service says or in its arguments, whatever it was sent") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().management_port();
  const auto device = stage.add_device(kAcme);
  const auto ticket = wire::ClaimTicket::decode(stage.ticket(kAcme));
  REQUIRE(ticket);
  const std::string operator_token = stage.add_operator("secretive", "read", kAcme);
  const std::vector<std::string> secrets = {stage.token(), operator_token, stage.service().owner_secret(),
                                            std::string(as_text(ticket->secret.expose())),
                                            text_of_file(stage.service().data() / "service.key")};
  std::string answers;
  for (const std::string& secret : {stage.token(), stage.service().owner_secret()}) {
    const std::string bearer = cat("Authorization: Bearer ", secret, "\r\n");
    for (const std::string& bytes :
         {request("GET", "/v1/nowhere", "", bearer), request("GET", "/v1/catalogs", "", cat(bearer, "X: a\1\r\n")),
          request("POST", "/v1/operators", "{\"name\":\"!\",\"scope\":\"own\"}", bearer),
          request("POST", "/v1/owner-link", cat("{\"secret\":\"", secret, "\",\"name\":\"!\"}")),
          request("GET", "/v1/catalogs", "", cat("Authorization: ", secret, "\r\n")),
          request("GET", "/v1/catalogs", "", cat(bearer, bearer))}) {
      Raw raw(port);
      raw->send(bytes);
      answers += raw->receive();
    }
  }
  for (const std::string& secret : secrets) {
    REQUIRE(secret.size() >= 32);
    CHECK(!is_in(stage.service().said(), secret));
    CHECK(!is_in(process_file(stage.service().pid(), "cmdline"), secret));
    CHECK(!is_in(process_file(stage.service().pid(), "environ"), secret));
    CHECK(!is_in(answers, secret));
  }
  CHECK(answers.find("HTTP/1.1 4") != std::string::npos);
}

TEST_CASE("a token in a URL is no token") {
  Stage& stage = Stage::shared();
  Caller anonymous(stage.service().management_port());
  for (const std::string name : {"token", "access_token", "authorization", "secret"}) {
    CHECK(anonymous.get(cat("/v1/catalogs?", name, "=", stage.token())).status == 401);
    CHECK(anonymous.get(cat("/v1/catalogs?", name, "=Bearer+", stage.token())).status == 401);
  }
}

TEST_CASE("everything in the service's folder is its owner's alone, also after a while") {
  Stage& stage = Stage::shared();
  stage.ticket(kAcme);
  int files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(stage.service().data())) {
    struct stat facts{};
    REQUIRE(::lstat(file.path().c_str(), &facts) == 0);
    INFO(file.path().string());
    CHECK((facts.st_mode & 0077) == 0);
    ++files;
  }
  CHECK(files >= 4);
}

TEST_CASE("the memory of the service is nobody's to read or dump, also of the same user") {
  const TemporaryFolder folder;
  const uid_t user = ::getuid() == 0 ? kNobody : ::getuid();
  const std::optional<uid_t> other = ::getuid() == 0 ? std::optional(kNobody) : std::nullopt;
  hand_to(folder.path(), user);
  ServiceProcess service(folder.path());
  service.start({.standard_output = -1, .user = other});
  CHECK(owner_of_memory(service.pid()) == 0);
  CHECK(!may_dump_core(service.pid()));

  const pid_t plain = start_program("/bin/sleep", {"60"}, other);
  for (int i = 0; i < 500 && process_file(plain, "comm") != "sleep\n"; ++i) ::usleep(10'000);
  CHECK(owner_of_memory(plain) == user);
  if (::getuid() == 0) CHECK(may_dump_core(plain));
  end_program(plain);

  const int ended = service.end_with(SIGABRT);
  CHECK(WIFSIGNALED(ended));
  CHECK(!WCOREDUMP(ended));
}

TEST_CASE("the agent does not dump core either") {
  const TemporaryFolder folder;
  const pid_t agent = start_program(
      HOLDFAST_AGENT, {"--state", (folder.path() / "agent").string(), "--tcti", "swtpm:path=/nonexistent"});
  bool kept = false;
  for (int i = 0; i < 500 && !kept; ++i) {
    ::usleep(10'000);
    kept = !may_dump_core(agent);
  }
  CHECK(kept);
  end_program(agent);
}
