#include "service/webhook/signature.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

namespace holdfast::service::webhook {

TEST_CASE("signatures are those of Standard Webhooks") {
  // From the tests that its libraries share.
  const Secret secret(*from_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  CHECK(text_of(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  CHECK(signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("a signature is for one id, one time, one body and one secret") {
  const Secret secret(Blob(kSecretBytes, 1));
  const auto good = signature(secret, "a-1", 1, "{}");
  CHECK(good != signature(secret, "a-2", 1, "{}"));
  CHECK(good != signature(secret, "a-1", 2, "{}"));
  CHECK(good != signature(secret, "a-1", 1, "[]"));
  CHECK(good != signature(Secret(Blob(kSecretBytes, 2)), "a-1", 1, "{}"));
}

}  // namespace holdfast::service::webhook
