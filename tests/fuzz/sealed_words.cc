// What the first process reads before anything is open: the words of an image for its boots, its own record of what it
// sealed; and what the agent reads of the former.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "linux/init/record.h"
#include "trust/update/seal_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const Bytes bytes(data, size);
  if (const auto words = trust::update::parse_seal_words(bytes)) {
    const auto made = trust::update::make_seal_words(*words);
    CHECK_INVARIANT(!made || *trust::update::parse_seal_words(*made) == *words);
  }
  if (const auto record = linux::init::parse_record(bytes)) {
    CHECK_INVARIANT(*linux::init::parse_record(as_bytes(to_json(*record))) == *record);
  }
  if (const auto boot = trust::update::parse_good_boot(bytes)) {
    const auto again = trust::update::parse_good_boot(as_bytes(to_json(*boot)));
    CHECK_INVARIANT(!again || again->words == boot->words);
  }
  return 0;
}
