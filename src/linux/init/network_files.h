// What the system's programs read of the network settings that are in force: the DHCP client its configuration, the
// hook that it starts the name servers, the agent all of them.
#pragma once

#include <filesystem>

#include "ports/network/network_settings.h"

namespace holdfast::linux::init {

inline constexpr std::string_view kDhcpFile{"dhcpcd.conf"};
inline constexpr std::string_view kNameServersFile{"name_servers"};
inline constexpr std::string_view kNetworkFile{"network.json"};

/// As dhcpcd.conf(5) has it, behind what it always does.
std::string dhcp_words(const ports::NetworkSettings& settings);

/// The three of them into `folder`; `always`: what the DHCP client does on every network.
Result<void> write_network_files(const std::filesystem::path& folder, std::string_view always,
                                 const ports::NetworkSettings& settings);

}  // namespace holdfast::linux::init
