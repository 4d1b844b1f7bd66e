// What an EST client sends: whatever base64 is taken is taken the same with other white space, and what it holds is
// judged and never crashed on.
#include <cstdint>

#include "base/check.h"
#include "service/est/enroll.h"
#include "trust/x509/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto der = service::est::decode_body(Bytes(data, size));
  if (!der) return 0;
  const auto again = service::est::decode_body(service::est::encode_body(*der));
  CHECK_INVARIANT(again && *again == *der);
  [[maybe_unused]] const auto request = trust::x509::parse_request(*der);
  return 0;
}
