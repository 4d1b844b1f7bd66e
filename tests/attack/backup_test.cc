// A backup that is made while the service works, and what comes back from it: on the same kind of database, and on the
// other one.
#include <doctest/doctest.h>
#include <unistd.h>

#include <thread>

#include "attack/kill_ledger.h"
#include "attack/stage.h"
#include "base/text.h"
#include "postgres/postgres_server.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

struct Folder {
  explicit Folder(const Stage& stage, const std::string& name) : path(stage.folder() / name) {
    std::filesystem::create_directory(path);
  }
  std::filesystem::path path;
};

std::string service_key(const Stage& stage) { return (stage.service_data() / "service.key").string(); }

void done(const Stage& stage, const std::vector<std::string>& words) {
  const Ran ran = stage.holdfast(words);
  REQUIRE_MESSAGE(ran.code == 0, ran.printed);
}

/// Makes a backup while others write.
std::string back_up_under_load(Stage& stage, KillLedger& ledger) {
  const std::string file = (stage.folder() / "monday.holdfast").string();
  std::atomic<bool> over = false;
  std::thread busy([&] { keep_asking(stage.service().management_port(), stage.token(), ledger, "busy", 7, &over); });
  ::usleep(300'000);
  done(stage, {"backup", file, "--data", stage.service_data().string()});
  over = true;
  busy.join();
  return file;
}

}  // namespace

TEST_CASE("a service restored elsewhere, from SQLite to PostgreSQL, has its devices come back by themselves") {
  Stage stage;
  const auto device = stage.add_device(kAcme);
  const std::string id = device->id();
  KillLedger ledger;
  const std::string file = back_up_under_load(stage, ledger);
  CHECK(ledger.size() > 0);
  done(stage, {"backup-verify", file, "--data", stage.service_data().string()});
  const std::uint16_t device_port = stage.service().device_port();
  const std::uint16_t management_port = stage.service().management_port();
  stage.service().kill();

  PostgresServer postgres;
  const std::string url = postgres.new_database();
  done(stage, {"restore", file, "--database", url, "--service-key", service_key(stage)});
  const Folder folder(stage, "elsewhere");
  ServiceProcess restored(folder.path, {"--database", url, "--service-key", service_key(stage)});
  restored.use_ports(device_port, management_port);
  restored.start();

  // The owner's old token is void; the next owner link is.
  CHECK(Caller(management_port, stage.token()).get("/v1/catalogs").status == 401);
  done(stage, {"login", "--link-file", (restored.data() / "owner-link").string(), "--name", "ada", "--replace"});
  device->boot();
  CHECK(device->settle());
  CHECK(device->client_key());
  CHECK(stage.holdfast({"device", "show", id, "--catalog", kAcme}).printed.find("healthy") != std::string::npos);
  const Ran audit = stage.holdfast({"audit", "list", "--service", "--limit", "1000"});
  CHECK_MESSAGE(audit.printed.find("service.restored") != std::string::npos, audit.printed);
}

TEST_CASE("what stands in the way of a backup or a restore is said, and nothing is touched") {
  Stage& stage = Stage::shared();
  const std::string file = (stage.folder() / "tuesday.holdfast").string();
  const std::string data = stage.service_data().string();
  done(stage, {"backup", file, "--data", data});
  const Ran again = stage.holdfast({"backup", file, "--data", data});
  CHECK(again.code == 6);
  const Ran over = stage.holdfast({"restore", file, "--data", data});
  CHECK(over.code == 6);
  CHECK(over.printed.find("expected an empty database") != std::string::npos);
  CHECK(stage.holdfast({"backup", file + "2", "--data", (stage.folder() / "nowhere").string()}).code == 4);
  CHECK(stage.serves());
}
