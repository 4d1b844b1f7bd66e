#include "wire/release.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {
constexpr std::string_view kConfirmation = "release confirmation";
}

Result<ReleaseConfirmation> ReleaseConfirmation::decode(Bytes body) {
  const json::Value message = TRY(parse_message(body, kConfirmation));
  auto fields = TRY(fields_of(message, kConfirmation));
  ReleaseConfirmation out;
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  out.device = TRY(fields.text("device", kNameBytesMax));
  out.statement = TRY(fields.digest256("statement_sha256"));
  out.quote = TRY(fields.base64("quote", kTpmStructureBytesMax));
  out.signature = TRY(fields.base64("signature", kTpmStructureBytesMax));
  TRY(fields.done());
  return out;
}

Blob ReleaseConfirmation::encode() const {
  return encode_message({{"catalog", catalog},
                         {"device", device},
                         {"statement_sha256", to_hex(statement)},
                         {"quote", to_base64(quote)},
                         {"signature", to_base64(signature)}});
}

}  // namespace holdfast::wire
