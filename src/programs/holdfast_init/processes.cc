#include "programs/holdfast_init/processes.h"

#include <linux/capability.h>

namespace holdfast::programs::init {
namespace {

using linux::init::Launch;
using linux::init::Supervised;

const std::vector<std::string> kEnvironment = {"PATH=/usr/bin", "HOME=/", "TSS2_LOG=all+NONE"};

/// Addresses, routes and names for the machine.
Process network() {
  Launch out{.program = "/usr/sbin/dhcpcd",
             .arguments = {"--nobackground", "--quiet", "--script", "/usr/bin/holdfast-lease"}};
  out.environment = kEnvironment;
  out.user = out.group = kNetworkUser;
  out.capabilities = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
  return {.supervised = Supervised("network", false), .launch = std::move(out)};
}

Process agent(bool has_data) {
  Launch out{.program = "/usr/bin/holdfast-agent",
             .arguments = {"--state", "/state/agent", "--tcti", "device:/dev/tpmrm0", "--boot", "/run/boot", "--ticket",
                           "/run/agent/ticket.json", "--good-boot", "/run/boot/good_boot.json", "--system-door", "3",
                           "--hardware", "virtual-x86-64"}};
  if (has_data) out.arguments.insert(out.arguments.end(), {"--floors", "/data/agent"});
  out.environment = kEnvironment;
  out.user = out.group = kAgentUser;
  out.groups = {kTpmGroup};
  return {.supervised = Supervised("agent", true), .launch = std::move(out), .has_door = true};
}

}  // namespace

std::vector<Process> processes(bool has_data) {
  std::vector<Process> out;
  out.push_back(network());
  out.push_back(agent(has_data));
  return out;
}

}  // namespace holdfast::programs::init
