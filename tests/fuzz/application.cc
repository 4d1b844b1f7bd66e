// What an application's image says of itself, from a stranger: whatever starts lies inside of the image.
#include <cstdint>

#include "base/check.h"
#include "linux/apps/application.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto application = linux::apps::parse_application(Bytes(data, size));
  if (!application) return 0;
  CHECK_INVARIANT(application->entry_point.starts_with('/'));
  CHECK_INVARIANT(application->entry_point.find("/../") == std::string::npos &&
                  !application->entry_point.ends_with("/.."));
  CHECK_INVARIANT(application->arguments.size() <= linux::apps::kArgumentsMax);
  return 0;
}
