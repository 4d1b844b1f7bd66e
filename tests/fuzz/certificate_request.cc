// Certification requests of a stranger: what is accepted was signed by the key in it.
#include <cstdint>

#include "base/check.h"
#include "trust/x509/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto request = trust::x509::parse_request({data, size});
  if (request) CHECK_INVARIANT(request->key.kind() == trust::crypto::KeyKind::EcP256);
  return 0;
}
