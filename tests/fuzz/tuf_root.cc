// Owner documents of a stranger: whatever parses must survive being published, and reading it as a root or walking to
// it must end in an answer.
#include <cstdint>

#include "base/check.h"
#include "trust/tuf/root.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const Bytes input(data, size);
  const auto envelope = trust::tuf::parse_envelope(input);
  if (!envelope) return 0;
  const auto again = trust::tuf::parse_envelope(trust::tuf::dump_envelope(*envelope));
  CHECK_INVARIANT(again && again->to_be_signed == envelope->to_be_signed);
  const auto root = trust::tuf::verify_pinned_root(input, trust::tuf::root_digest(input));
  if (!root) return 0;
  CHECK_INVARIANT((*root)->role(trust::tuf::RoleName::Root).threshold >= 1);
  CHECK_INVARIANT(!trust::tuf::verify_next_root(input, *root));
  return 0;
}
