#include "linux/init/network_files.h"

#include <algorithm>

#include "base/text.h"
#include "linux/system/files.h"

namespace holdfast::linux::init {
namespace {

using system::FileMode;

std::string words_of(const std::vector<ports::IpAddress>& addresses) {
  std::vector<std::string> out;
  for (const ports::IpAddress& one : addresses) out.push_back(to_text(one));
  return join(out, " ");
}

}  // namespace

std::string dhcp_words(const ports::NetworkSettings& settings) {
  std::string out;
  for (const auto& [name, interface] : settings.interfaces) {
    // A static address of IPv4 keeps DHCP away by itself.
    const bool has_ipv4 =
        std::ranges::any_of(interface.addresses, [](const auto& one) { return one.address.is_ipv4(); });
    out += cat("interface ", name, '\n', has_ipv4 ? "" : "noipv4\n", "nodhcp6\n");
    for (const auto& [address, bits] : interface.addresses) {
      out += cat(address.is_ipv4() ? "static ip_address=" : "static ip6_address=", to_text(address), '/', bits, '\n');
    }
    if (interface.gateway) out += cat("static routers=", to_text(*interface.gateway), '\n');
  }
  return out;
}

Result<void> write_network_files(const std::filesystem::path& folder, std::string_view always,
                                 const ports::NetworkSettings& settings) {
  TRY(system::write_file(folder / kDhcpFile, as_bytes(cat(always, dhcp_words(settings))), FileMode::Public));
  TRY(system::write_file(folder / kNameServersFile, as_bytes(words_of(settings.name_servers)), FileMode::Public));
  return system::write_file(folder / kNetworkFile, as_bytes(to_json(settings)), FileMode::Public);
}

}  // namespace holdfast::linux::init
