#include "service/claim/device_id.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::service::claim {

std::string device_id(const Digest256& ek_sha256) {
  const std::string letters = to_crockford(Bytes(ek_sha256).first(10));
  const std::string_view view = letters;
  return cat("hf-", view.substr(0, 4), "-", view.substr(4, 4), "-", view.substr(8, 4), "-", view.substr(12, 4));
}

}  // namespace holdfast::service::claim
