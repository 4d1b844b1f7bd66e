// What a device's first process reads of how it was booted: the kernel's command line, lists of boot options, names of
// partitions and variables.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "firmware/boot_option.h"
#include "firmware/command_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const Bytes bytes(data, size);
  if (const auto system = firmware::system_in(as_text(bytes))) CHECK_INVARIANT(system->security_version >= 0);
  if (const auto numbers = firmware::parse_boot_numbers(bytes)) {
    CHECK_INVARIANT(equal(firmware::boot_numbers(*numbers), bytes));
  }
  if (const auto guid = firmware::parse_guid(as_text(bytes))) {
    CHECK_INVARIANT(firmware::parse_guid(firmware::to_text(*guid)) == guid);
  }
  return 0;
}
