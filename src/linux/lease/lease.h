// What a network says of itself, as the DHCP client tells its hook (dhcpcd-run-hooks(8)): an interface, what happened,
// and the name servers that it was given, by DHCP or a router. Each interface and protocol keeps a file of its own; the
// resolver's file is made from all of them. Everything here comes from strangers: what is no address is left out.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace holdfast::linux::lease {

inline constexpr Reason kLeaseMalformed{"lease-malformed"};
/// What glibc looks at (resolv.conf(5)).
inline constexpr std::size_t kNameServersMax = 3;

using Environment = std::map<std::string, std::string, std::less<>>;

/// In the order in which they were told, each once.
std::vector<std::string> name_servers_in(const Environment& environment);

/// The same of time servers.
std::vector<std::string> time_servers_in(const Environment& environment);
/// What all leases in `folder` name.
std::vector<std::string> time_servers(const std::filesystem::path& folder);

/// Takes what happened into `folder`, and writes its resolv.conf anew: with the servers in the file `given`, where
/// there are any, in place of the leases' own. Rejected (kLeaseMalformed) where it is not said of which interface, or
/// the name is none.
Result<void> take_lease(const std::filesystem::path& folder, const Environment& environment,
                        const std::filesystem::path& given = {});

}  // namespace holdfast::linux::lease
