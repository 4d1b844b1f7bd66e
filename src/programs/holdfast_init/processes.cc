#include "programs/holdfast_init/processes.h"

#include <linux/capability.h>

#include "programs/holdfast_init/calls.h"

namespace holdfast::programs::init {
namespace {

using linux::init::Launch;
using linux::init::Supervised;

const std::vector<std::string> kEnvironment = {"PATH=/usr/bin", "HOME=/", "TSS2_LOG=all+NONE"};

using linux::confine::Reach;
using May = linux::confine::Reach::May;

constexpr std::int64_t kMib = 1024 * 1024;
/// What a program needs to be loaded, and to know names and users.
const std::vector<Reach> kCommon = {{"/usr/lib", May::ReadAndExecute},
                                    {"/usr/lib64", May::ReadAndExecute},
                                    {"/etc", May::Read},
                                    {"/proc", May::Read},
                                    {"/dev/null", May::Write},
                                    {"/dev/urandom", May::Read},
                                    {"/run/network", May::Read},
                                    {"/run/system", May::Read}};

std::vector<Reach> with_common(std::vector<Reach> more) {
  more.insert(more.begin(), kCommon.begin(), kCommon.end());
  return more;
}

/// Addresses, routes and names for the machine.
Process network() {
  Launch out{.program = "/usr/sbin/dhcpcd",
             .arguments = {"--nobackground", "--quiet", "--config", "/run/system/dhcpcd.conf", "--script",
                           "/usr/bin/holdfast-lease"}};
  out.environment = kEnvironment;
  out.user = out.group = kNetworkUser;
  out.capabilities = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
  out.within = with_common({{"/usr/sbin/dhcpcd", May::ReadAndExecute},
                            {"/usr/bin/holdfast-lease", May::ReadAndExecute},
                            {"/sys", May::Read},
                            {"/proc/sys/net", May::Write},
                            {"/state/network", May::Write},
                            {"/run/network", May::Write},
                            {"/run/dhcpcd", May::Write}});
  return {.supervised = Supervised(std::string(kNetworkProcess), false),
          .launch = std::move(out),
          .limits = {16 * kMib, 16}};
}

/// The clock, once there is a network, and then once in a while: who starts it says by whose.
Process time() {
  Launch out{.program = "/usr/sbin/rdate"};
  out.environment = kEnvironment;
  out.user = out.group = kTimeUser;
  out.capabilities = {CAP_SYS_TIME};
  out.within = with_common({{"/usr/sbin/rdate", May::ReadAndExecute}});
  out.calls = time_calls();
  Supervised supervised(std::string(kTimeProcess), false);
  supervised.rests(std::nullopt);
  return {.supervised = std::move(supervised), .launch = std::move(out), .limits = {8 * kMib, 4}, .every = hours(1)};
}

Process agent(bool has_data, bool is_reset) {
  Launch out{.program = "/usr/bin/holdfast-agent",
             .arguments = {"--state",       "/state/agent",
                           "--tcti",        "device:/dev/tpmrm0",
                           "--boot",        "/run/boot",
                           "--ticket",      "/run/agent/ticket.json",
                           "--good-boot",   "/run/boot/good_boot.json",
                           "--system-door", "3",
                           "--slots",       "/state/agent/places",
                           "--floors",      has_data ? "/data/agent" : "/state/agent",
                           "--network",     "/run/system/network.json",
                           "--hardware",    "virtual-x86-64"}};
  if (is_reset) out.arguments.emplace_back(kResetWord);
  out.environment = kEnvironment;
  out.user = out.group = kAgentUser;
  out.groups = {kTpmGroup};
  out.within = with_common({{"/usr/bin/holdfast-agent", May::ReadAndExecute},
                            {"/run/boot", May::Read},
                            {"/run/agent", May::Read},
                            {"/dev/tpmrm0", May::Write},
                            {"/state/agent", May::Write},
                            {"/data/agent", May::Write}});
  out.calls = agent_calls();
  return {.supervised = Supervised(std::string(kAgentProcess), true),
          .launch = std::move(out),
          .limits = {40 * kMib, 8},
          .has_door = true};
}

}  // namespace

std::vector<Process> processes(bool has_data, bool is_reset) {
  std::vector<Process> out;
  out.push_back(network());
  out.push_back(agent(has_data, is_reset));
  out.push_back(time());
  return out;
}

/// SNTP; what is more than a second off is set, less is slewed.
std::vector<std::string> time_arguments(const std::string& server) { return {"-n", "-s", "-b", "1", server}; }

}  // namespace holdfast::programs::init
