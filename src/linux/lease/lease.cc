#include "linux/lease/lease.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::lease {
namespace {

using std::filesystem::path;

constexpr std::string_view kNames = ".servers";
constexpr std::string_view kTimes = ".times";
constexpr std::size_t kNameBytesMax = 15;  ///< IFNAMSIZ
constexpr std::size_t kServersBytesMax = 4096;
constexpr std::size_t kFilesMax = 64;
/// What ends a lease, whatever its protocol.
constexpr std::string_view kEnds[] = {"EXPIRE",  "RELEASE",  "STOP",  "NAK",  "NOCARRIER", "DEPARTED",
                                      "EXPIRE6", "RELEASE6", "STOP6", "FAIL", "PREINIT",   "TIMEOUT"};

bool is_address(const std::string& text) {
  in6_addr any{};
  return ::inet_pton(AF_INET, text.c_str(), &any) == 1 || ::inet_pton(AF_INET6, text.c_str(), &any) == 1;
}

bool is_servers_variable(std::string_view name) {
  return name == "new_domain_name_servers" || name == "new_dhcp6_name_servers" ||
         (name.starts_with("nd") && name.ends_with("_servers") && name.find("_rdnss") != std::string_view::npos);
}

std::string text_in(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

/// `eth0.dhcp`: of an interface by one of its protocols.
Result<std::string> lease_in(const Environment& environment) {
  const std::string interface = text_in(environment, "interface");
  const bool is_name = !interface.empty() && interface.size() <= kNameBytesMax && interface.front() != '.' &&
                       std::ranges::all_of(interface, [](char one) {
                         return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                                (one >= '0' && one <= '9') || one == '_' || one == '-' || one == '.';
                       });
  if (!is_name) {
    return fail(Next::Rejected, kLeaseMalformed, cat("expected an interface, saw '", printable(interface), "'"));
  }
  const std::string reason = text_in(environment, "reason");
  return cat(interface, reason == "ROUTERADVERT" ? ".router" : reason.ends_with('6') ? ".dhcp6" : ".dhcp");
}

void add_servers(std::vector<std::string>& out, std::string_view words) {
  for (const std::string_view word : split(words, ' ')) {
    const std::string server(word);
    if (is_address(server) && std::ranges::find(out, server) == out.end()) out.push_back(server);
  }
}

Result<void> keep(const path& file, const std::vector<std::string>& servers) {
  if (!servers.empty()) return system::write_file(file, as_bytes(join(servers, " ")), system::FileMode::Public);
  const auto removed = system::remove_file(file);
  return removed || removed.error().next == Next::NotFound ? Result<void>() : removed;
}

std::vector<std::string> servers_in(const path& file) {
  std::vector<std::string> out;
  if (const auto text = system::read_file(file, kServersBytesMax)) add_servers(out, as_text(*text));
  return out;
}

/// Of all leases, by what their files end with.
std::vector<std::string> servers_of(const path& folder, std::string_view suffix) {
  std::vector<path> files;
  std::error_code problem;
  for (const auto& one : std::filesystem::directory_iterator(folder, problem)) {
    if (one.path().extension() == suffix && files.size() < kFilesMax) files.push_back(one.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> servers;
  for (const path& file : files) {
    for (const std::string& one : servers_in(file)) add_servers(servers, one);
  }
  return servers;
}

Result<void> write_resolver(const path& folder, const path& given) {
  std::vector<std::string> servers = servers_in(given);
  if (servers.empty()) servers = servers_of(folder, kNames);
  servers.resize(std::min(servers.size(), kNameServersMax));
  std::string out;
  for (const std::string& one : servers) out += cat("nameserver ", one, '\n');
  return system::write_file(folder / "resolv.conf", as_bytes(out), system::FileMode::Public);
}

}  // namespace

std::vector<std::string> name_servers_in(const Environment& environment) {
  std::vector<std::string> out;
  for (const auto& [name, value] : environment) {
    if (is_servers_variable(name)) add_servers(out, value);
  }
  return out;
}

std::vector<std::string> time_servers_in(const Environment& environment) {
  std::vector<std::string> out;
  for (const char* name : {"new_ntp_servers", "new_dhcp6_sntp_servers"}) add_servers(out, text_in(environment, name));
  return out;
}

std::vector<std::string> time_servers(const path& folder) { return servers_of(folder, kTimes); }

Result<void> take_lease(const path& folder, const Environment& environment, const path& given) {
  const std::string lease = TRY(lease_in(environment));
  const bool is_over = std::ranges::find(kEnds, text_in(environment, "reason")) != std::end(kEnds);
  const auto servers = is_over ? std::vector<std::string>() : name_servers_in(environment);
  const auto times = is_over ? std::vector<std::string>() : time_servers_in(environment);
  TRY(keep(folder / cat(lease, kTimes), times));
  TRY(keep(folder / cat(lease, kNames), servers));
  return write_resolver(folder, given);
}

}  // namespace holdfast::linux::lease
