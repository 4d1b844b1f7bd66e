#include "wire/claim_ticket.h"

#include "base/encoding.h"

namespace holdfast::wire {
namespace {
constexpr std::string_view kWhat = "claim ticket";
}

Result<ClaimTicket> ClaimTicket::decode(Bytes file) {
  const json::Value message = TRY(parse_message(file, kWhat));
  auto fields = TRY(fields_of(message, kWhat));
  ClaimTicket out;
  out.services = TRY(fields.texts("services", kServicesMax, kUrlBytesMax));
  out.owner_root = TRY(fields.digest256("owner_root_sha256"));
  out.secret = Secret(TRY(fields.base64("secret", kClaimSecretBytes)));
  out.catalog = TRY(fields.text("catalog", kNameBytesMax));
  out.product = TRY(fields.text("product", kNameBytesMax));
  out.device_group = TRY(fields.text("device_group", kNameBytesMax));
  out.expires = TRY(fields.time("expires"));
  if (fields.has("device")) out.device = TRY(fields.text("device", kNameBytesMax));
  TRY(fields.done());
  if (out.services.empty() || out.secret.size() != kClaimSecretBytes) {
    return fail(Next::Rejected, json::kJsonShape,
                "claim ticket: expected a service and a secret of 32 bytes, saw less");
  }
  return out;
}

Blob ClaimTicket::encode() const {
  json::Array urls;
  for (const std::string& url : services) urls.emplace_back(url);
  json::Object members = {{"services", std::move(urls)},
                          {"owner_root_sha256", to_hex(owner_root)},
                          {"secret", to_base64(secret.expose())},
                          {"catalog", catalog},
                          {"product", product},
                          {"device_group", device_group},
                          {"expires", to_rfc3339(expires)}};
  if (device) members.emplace_back("device", *device);
  return encode_message(std::move(members));
}

}  // namespace holdfast::wire
