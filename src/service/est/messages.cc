#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/identity/authorities.h"
#include "trust/x509/certs_only.h"

namespace holdfast::service::est {

Result<Blob> decode_body(Bytes body) {
  if (body.size() > kEstBodyBytesMax) {
    return fail(Next::Rejected, kEstBodyMalformed,
                cat("expected a request of at most ", kEstBodyBytesMax, " bytes, saw ", body.size()));
  }
  std::string text(as_text(body));
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  auto der = from_base64(text);
  if (!der || der->empty()) {
    return fail(Next::Rejected, kEstBodyMalformed,
                cat("expected a PKCS#10 request in base64 (RFC 8951), saw '", printable(as_text(body), 40), "'"));
  }
  return der;
}

Blob encode_body(Bytes der) { return to_blob(as_bytes(to_base64(der) + "\n")); }

Result<Blob> ca_certificates(Deps& deps, std::string_view catalog, WallTime now) {
  std::vector<Blob> out;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    out.clear();
    const Settings settings = TRY(settings_of(tx, catalog));
    if (!settings.things && !settings.reenroll) return fail(Next::NotFound, kEstOff, "EST is not on in this catalog");
    for (const auto purpose : {ports::KeyPurpose::UnattestedCa, ports::KeyPurpose::ClientCa}) {
      for (const auto& key : TRY(identity::authorities_not_expired(tx, catalog, purpose, now))) {
        if (std::ranges::find(out, *key.root) == out.end()) out.push_back(*key.root);
        out.push_back(*key.certificate);
      }
    }
    return {};
  }));
  return trust::x509::certs_only(out);
}

}  // namespace holdfast::service::est
