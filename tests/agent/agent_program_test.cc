// holdfast-agent as a process: a real TPM (swtpm), a real connection, a scripted service.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <deque>

#include "agent/agent_process.h"
#include "agent/service_behind_tls.h"
#include "linux/system/files.h"
#include "linux/system/program.h"
#include "linux/virtual_device/virtual_device.h"
#include "skip.h"
#include "temporary_folder.h"

using namespace holdfast;
using namespace holdfast::tests;
using linux::virtual_device::VirtualDevice;

namespace {

constexpr Duration kPatience = seconds(60);
constexpr long kResidentKibMax = 8 * 1024;
constexpr long kPrivateKibMax = 3 * 1024;

/// Devices, booted, and the service that they find.
struct Stage {
  TemporaryFolder folder;
  ServiceBehindTls service;
  std::deque<VirtualDevice> devices;

  /// Some stages outlive doctest's run, so that its assertions must not be used here.
  ~Stage() {
    for (VirtualDevice& device : devices) {
      const auto off = device.swtpm().power_off();
      if (!off) std::fprintf(stderr, "%s\n", off.error().message.c_str());
    }
  }

  VirtualDevice& add_device(const std::string& name) {
    const auto maker = linux::virtual_device::TpmMaker::at(folder.path() / "maker");
    REQUIRE(maker);
    auto made = VirtualDevice::manufacture(folder.path() / name, *maker, name);
    if (!made) FAIL(made.error().message);
    devices.push_back(*std::move(made));
    boot(devices.back());
    return devices.back();
  }
  static void boot(VirtualDevice& device) {
    REQUIRE(device.boot({linux::virtual_device::kernel_image({"os", "1.0.0"}, 1, "quiet")}));
  }

  std::string ticket() {
    const Blob file = service.with([](auto& scripted) { return scripted.ticket(); });
    const auto path = folder.path() / "ticket.json";
    REQUIRE(linux::system::write_file(path, file, linux::system::FileMode::Private));
    return path.string();
  }
  static std::vector<std::string> arguments(VirtualDevice& device, std::vector<std::string> more) {
    std::vector<std::string> out = {"--state", device.disk().string(),
                                    "--tcti",  device.swtpm().connection_string(),
                                    "--boot",  device.boot_files().string()};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
};

Stage* stage() {
  for (const char* program : {"swtpm", "swtpm_setup"}) {
    if (linux::system::has_program(program)) continue;
    skip_program("swtpm and swtpm_setup are not installed");
    return nullptr;
  }
  static Stage one;
  return &one;
}

bool wait_for_check_in(ServiceBehindTls& service, std::size_t more_than) {
  for (int i = 0; i < 600 && service.check_ins() <= more_than; ++i) ::usleep(100'000);
  return service.check_ins() > more_than;
}

}  // namespace

TEST_CASE("a device enrols, attests, stays small, holds its connection, and ends on a signal") {
  Stage* at = stage();
  if (at == nullptr) return;
  VirtualDevice& device = at->add_device("one");

  AgentProcess unclaimed(Stage::arguments(device, {"--once"}));
  CHECK(unclaimed.wait(kPatience) == 1);

  AgentProcess once(Stage::arguments(device, {"--once", "--ticket", at->ticket()}));
  const std::string said = once.read_rest();
  CHECK(once.wait(kPatience) == 0);
  CHECK(said.find("phase: attested\n") != std::string::npos);
  CHECK(said.find("verdict: healthy\n") != std::string::npos);

  AgentProcess agent(Stage::arguments(device, {}));
  const std::size_t before = at->service.check_ins();
  REQUIRE(wait_for_check_in(at->service, before));
  ::usleep(500'000);
  const Memory memory = memory_of(agent.pid());
  MESSAGE("idle after attesting: ", memory.resident, " KiB resident, ", memory.unshared, " KiB private");
  if (HOLDFAST_SIZE_COUNTS) {
    CHECK(memory.resident <= kResidentKibMax);
    CHECK(memory.unshared <= kPrivateKibMax);
  }
  AgentProcess second(Stage::arguments(device, {}));
  CHECK(second.wait(kPatience) == 6);
  agent.signal(SIGTERM);
  CHECK(agent.wait(seconds(10)) == 0);

  AgentProcess status({"--state", device.disk().string(), "--status", "--json"});
  CHECK(status.read_rest().find("\"verdict\": \"healthy\"") != std::string::npos);
  CHECK(status.wait(kPatience) == 0);
}

TEST_CASE("a superseded certificate is refused on the connection that was open before") {
  Stage* at = stage();
  if (at == nullptr) return;
  VirtualDevice& device = at->add_device("two");
  AgentProcess once(Stage::arguments(device, {"--once", "--ticket", at->ticket()}));
  REQUIRE(once.wait(kPatience) == 0);

  AgentProcess holder(Stage::arguments(device, {"--hold-connection"}));
  CHECK(holder.read_line() == "status 200");
  Stage::boot(device);  // the TPM is somebody else's by now
  holder.write_line("");
  CHECK(holder.read_line() == "status 200");
  at->service.with([](auto& scripted) { scripted.supersede_certificates(); });
  holder.write_line("");
  CHECK(holder.read_line().starts_with("status 403 certificate-superseded: "));
}

TEST_CASE("a copied disk in another device is refused with the service's reason") {
  Stage* at = stage();
  if (at == nullptr) return;
  VirtualDevice& original = at->add_device("three");
  const std::string ticket = at->ticket();
  AgentProcess once(Stage::arguments(original, {"--once", "--ticket", ticket}));
  REQUIRE(once.wait(kPatience) == 0);

  VirtualDevice& copy = at->add_device("four");
  REQUIRE(copy.copy_disk_from(original));
  AgentProcess cloned(Stage::arguments(copy, {"--once", "--ticket", ticket}));
  CHECK(cloned.wait(kPatience) == 5);
  AgentProcess status({"--state", copy.disk().string(), "--status"});
  CHECK(status.read_rest().find("ticket-consumed") != std::string::npos);
}

TEST_CASE("a ticket that arrives later wakes the agent") {
  Stage* at = stage();
  if (at == nullptr) return;
  VirtualDevice& device = at->add_device("five");
  std::filesystem::remove(at->folder.path() / "ticket.json");
  AgentProcess agent(Stage::arguments(device, {"--ticket", (at->folder.path() / "ticket.json").string()}));
  ::usleep(500'000);
  const std::size_t before = at->service.check_ins();
  at->ticket();
  CHECK(wait_for_check_in(at->service, before));
  agent.signal(SIGINT);
  CHECK(agent.wait(seconds(10)) == 0);
}

TEST_CASE("a command line that says something else is refused with exit code 2, and help is given") {
  const std::vector<std::vector<std::string>> wrong = {
      {}, {"--state"}, {"--bogus"}, {"--state", "a", "--state", "b"}, {"--state=a", "--once=1"}, {"--state", "a", "b"}};
  for (const auto& words : wrong) CHECK(AgentProcess(words).wait(kPatience) == 2);
  AgentProcess help({"--help"});
  CHECK(help.read_rest().find("--ticket FILE") != std::string::npos);
  CHECK(help.wait(kPatience) == 0);
  AgentProcess status({"--state=/nonexistent", "--status"});
  CHECK(status.read_rest() == "phase: unclaimed\n");
  CHECK(status.wait(kPatience) == 0);
}
