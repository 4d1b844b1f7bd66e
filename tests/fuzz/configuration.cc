// Settings for a device group, from a stranger: the first line is the component. What is read is an object on every
// device, merging the same thing twice changes nothing, and an application can read what it is given.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "cli/release/json_lines.h"
#include "trust/update/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::trust::update;
  const std::string_view input = as_text({data, size});
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view document = input.substr(std::min(end + 1, input.size()));
  std::vector<std::string> at;
  const auto read = parse_configuration(input.substr(0, end), as_bytes(document), &at);
  if (!read) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(document, '\n')) + 1;
    CHECK_INVARIANT(cli::release::line_of(document, at) <= lines);
    return 0;
  }
  CHECK_INVARIANT(at.empty());
  CHECK_INVARIANT(settings_of(read->application) == input.substr(0, end));
  CHECK_INVARIANT(cli::release::line_of(document, {"application"}) > 0);
  CHECK_INVARIANT(settings_on(*read, "hf-none") == read->settings);
  for (const auto& [device, different] : read->devices) {
    const json::Value merged = settings_on(*read, device);
    CHECK_INVARIANT(merged.object() != nullptr);
    Configuration again = *read;
    again.settings = merged;
    CHECK_INVARIANT(settings_on(again, device) == merged);
    const std::string text = json::dump(merged);
    const auto seen = json::parse(as_bytes(text), {.bytes_max = 8 * kConfigurationBytesMax});
    CHECK_INVARIANT(seen && *seen == merged);
  }
  return 0;
}
