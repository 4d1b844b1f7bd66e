// holdfast-tuf-client as a process, against a repository on a plain web server.
#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>

#include "base/encoding.h"
#include "base/text.h"
#include "linux/net/web_repository.h"
#include "linux/system/clock.h"
#include "temporary_folder.h"
#include "tuf_repository.h"
#include "update/static_server.h"

using namespace holdfast;
using namespace holdfast::tests;
namespace tuf = trust::tuf;

namespace {

constexpr std::string_view kContent = "a component";

struct World {
  TufRepository owner;
  StaticServer server;
  TemporaryFolder folder;
  std::string digest = to_hex(trust::crypto::sha256(as_bytes(kContent)));

  explicit World(StaticServer::Speaks version = StaticServer::Speaks::Http11) : server(version) {
    publish(1);
    server.put(cat("/targets/os/", digest, ".root%20image"), to_blob(as_bytes(kContent)));
    std::ofstream(folder.path() / "given.json") << as_text(owner.root_document);
  }

  void publish(std::int64_t version) {
    const tuf::Target target{
        static_cast<std::int64_t>(kContent.size()), {trust::crypto::sha256(as_bytes(kContent)), {}}, {}};
    const Blob targets = owner.targets(version, {{"os/root image", target}});
    const Blob snapshot = owner.snapshot(version, {{"targets.json", TufRepository::meta_of(targets, version)}});
    server.put(cat("/metadata/", version, ".targets.json"), targets);
    server.put(cat("/metadata/", version, ".snapshot.json"), snapshot);
    server.put("/metadata/timestamp.json", owner.timestamp(version, snapshot, version));
  }

  /// The program's exit code.
  int run(std::vector<std::string> words) const {
    std::vector<std::string> all = {
        HOLDFAST_TUF_CLIENT,       "--metadata-url",    server.url() + "/metadata", "--metadata-dir",
        folder.path() / "trusted", "--target-base-url", server.url() + "/targets/", "--target-dir",
        folder.path() / "images"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (std::string& word : all) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    REQUIRE(::posix_spawn(&child, HOLDFAST_TUF_CLIENT, nullptr, nullptr, argv.data(), environ) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
  }
  int init() const { return run({"init", folder.path() / "given.json"}); }
  std::string text(const std::string& name) const {
    std::ifstream file(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

}  // namespace

TEST_CASE("a root is trusted, the newest metadata is taken, and a target comes with its digest") {
  World world;
  CHECK(world.init() == 0);
  CHECK(world.text("trusted/root.json") == as_text(world.owner.root_document));
  CHECK(world.run({"refresh"}) == 0);
  CHECK_FALSE(world.text("trusted/timestamp.json").empty());
  CHECK(world.run({"--target-name", "os/root image", "download"}) == 0);
  CHECK(world.text("images/os%2Froot%20image") == kContent);
  CHECK(world.server.asked("/metadata/1.targets.json") == 1);
  CHECK(world.run({"--target-name", "os/other", "download"}) == 1);
  const std::string image = cat("/targets/os/", world.digest, ".root%20image");
  CHECK(world.run({"--target-name", "os/root image", "download"}) == 0);
  CHECK(world.server.asked(image) == 1);
  std::ofstream(world.folder.path() / "images/os%2Froot%20image") << "a c0mponent";
  CHECK(world.run({"--target-name", "os/root image", "download"}) == 0);
  CHECK(world.server.asked(image) == 2);
  CHECK(world.text("images/os%2Froot%20image") == kContent);
}

TEST_CASE("a web server that speaks HTTP/1.0 and ends every connection serves as well") {
  World world(StaticServer::Speaks::Http10);
  REQUIRE(world.init() == 0);
  CHECK(world.run({"--target-name", "os/root image", "download"}) == 0);
  CHECK(world.text("images/os%2Froot%20image") == kContent);
}

TEST_CASE("what the repository says wrong ends with exit code 1, and what is trusted stays as it was") {
  World world;
  CHECK(world.run({"refresh"}) == 1);
  REQUIRE(world.init() == 0);
  world.publish(2);
  REQUIRE(world.run({"refresh"}) == 0);
  const std::string before = world.text("trusted/timestamp.json");
  world.publish(1);
  CHECK(world.run({"refresh"}) == 1);
  CHECK(world.text("trusted/timestamp.json") == before);
  world.publish(3);
  world.server.put(cat("/targets/os/", world.digest, ".root%20image"), to_blob(as_bytes("a c0mponent")));
  CHECK(world.run({"--target-name", "os/root image", "download"}) == 1);
  CHECK(world.text("images/os%2Froot%20image").empty());
  CHECK(world.run({"guess"}) == 1);
}

TEST_CASE("a web server that sends without an end, or slower than the time allows, is left alone") {
  World world;
  linux::system::SystemClock clock;
  const auto repository =
      linux::net::WebRepository::make(world.server.url() + "/metadata", clock, {.answer = Duration(300)});
  REQUIRE(repository);
  const auto fetch = [&](std::string_view path, std::size_t bytes_max = 1000) {
    return (*repository)->fetch(path, bytes_max);
  };
  CHECK_FALSE(fetch("nothing.json")->has_value());
  CHECK(fetch("timestamp.json", 100).error().reason == ports::kRepositoryEndless);
  world.server.say("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc");
  CHECK(fetch("timestamp.json").error().reason == ports::kRepositoryUnreachable);
  world.server.say("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
  CHECK(fetch("timestamp.json").error().reason == ports::kRepositoryUnreachable);
  world.server.say("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
  CHECK(fetch("timestamp.json").error().reason == ports::kRepositoryUnreachable);
}
