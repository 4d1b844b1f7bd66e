#include "wire/bootstrap.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {
constexpr std::string_view kWhat = "bootstrap";
}

Result<Bootstrap> Bootstrap::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kWhat));
  auto fields = TRY(fields_of(message, kWhat));
  Bootstrap out;
  out.root_chain = TRY(fields.base64s("root_chain", kRootChainMax, kOwnerDocumentBytesMax));
  out.trust_policy = TRY(fields.base64("trust_policy", kOwnerDocumentBytesMax));
  TRY(fields.done());
  return out;
}

Blob Bootstrap::encode() const {
  return encode_message({{"root_chain", base64_array(root_chain)}, {"trust_policy", to_base64(trust_policy)}});
}

}  // namespace holdfast::wire
