// What signed targets would say of a withdrawal, from a stranger: the first line is its path. What is read must survive
// being written.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "trust/update/withdrawal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::trust::update;
  const std::string_view input = as_text({data, size});
  const std::size_t end = std::min(input.find('\n'), input.size());
  const auto value = json::parse(as_bytes(input.substr(std::min(end + 1, input.size()))), {});
  if (!value) return 0;
  const auto withdrawal = withdrawal_from(input.substr(0, end), *value);
  if (!withdrawal) return 0;
  CHECK_INVARIANT(withdrawal_path(withdrawal->component, withdrawal->version) == input.substr(0, end));
  const auto written = to_json(*withdrawal);
  CHECK_INVARIANT(written);
  CHECK_INVARIANT(*withdrawal_from(input.substr(0, end), *written) == *withdrawal);
  return 0;
}
