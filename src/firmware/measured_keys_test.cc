#include "firmware/measured_keys.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

namespace holdfast::firmware {

// Of a running OVMF the story tests/metal/sealed.sh tells whether this is what it measures.
TEST_CASE("which keys a firmware has, and which one it starts by, is in what it measures of them") {
  const Guid owner = guid("5f6a1c0e-2b0d-4c53-9f0e-8d1b7a6e4c21");
  const SecureBootKeys keys{.platform = {Blob(300, 1)}, .key_exchange = {Blob(300, 2)}, .allowed = {Blob(300, 3)}};
  const Digest256 measured = measured_keys(keys, owner);
  CHECK(to_hex(measured) == "0cc096d4cfc957e33eb1ab4ce54cc485ed3dfb0cff4622799f989d380f118075");
  SecureBootKeys more = keys;
  more.allowed.push_back(Blob(300, 4));
  CHECK(measured_keys(more, owner) != measured);
  std::swap(more.allowed[0], more.allowed[1]);
  CHECK(measured_keys(more, owner) != measured_keys(keys, owner));
  CHECK(measured_keys(keys, kGlobalVariable) != measured);
}

}  // namespace holdfast::firmware
