// holdfast-lease: what the DHCP client of a device starts when its network changes. It takes its words from the
// environment, as dhcpcd has it, and leaves files for the resolver; the first process sees that they changed.
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "base/text.h"
#include "linux/lease/lease.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  if (argc > 1) {
    const bool is_help = std::string_view(argv[1]) == "--help";
    std::fputs("holdfast-lease: started by dhcpcd(8) with a lease in its environment; writes /run/network.\n",
               is_help ? stdout : stderr);
    return is_help ? 0 : 2;
  }
  linux::lease::Environment environment;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view word = *one;
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos) environment.emplace(word.substr(0, equals), word.substr(equals + 1));
  }
  const auto taken = linux::lease::take_lease("/run/network", environment, "/run/system/name_servers");
  if (taken) return 0;
  std::fprintf(stderr, "holdfast-lease: %s\n", printable(taken.error().message).c_str());
  return 1;
}
