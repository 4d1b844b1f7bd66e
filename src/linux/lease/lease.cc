#include "linux/lease/lease.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::lease {
namespace {

using std::filesystem::path;

constexpr std::string_view kSuffix = ".servers";
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

Result<void> write_resolver(const path& folder) {
  std::vector<path> files;
  std::error_code problem;
  for (const auto& one : std::filesystem::directory_iterator(folder, problem)) {
    if (one.path().extension() == kSuffix && files.size() < kFilesMax) files.push_back(one.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> servers;
  for (const path& file : files) {
    if (const auto text = system::read_file(file, kServersBytesMax)) add_servers(servers, as_text(*text));
  }
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

Result<void> take_lease(const path& folder, const Environment& environment) {
  const path file = folder / cat(TRY(lease_in(environment)), kSuffix);
  const std::string reason = text_in(environment, "reason");
  if (std::ranges::find(kEnds, reason) != std::end(kEnds)) {
    const auto removed = system::remove_file(file);
    if (!removed && removed.error().next != Next::NotFound) return removed;
  } else {
    TRY(system::write_file(file, as_bytes(join(name_servers_in(environment), " ")), system::FileMode::Public));
  }
  return write_resolver(folder);
}

}  // namespace holdfast::linux::lease
