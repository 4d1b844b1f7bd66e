#include "trust/update/floor_word.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/tpm/floor.h"

namespace holdfast::trust::update {

Result<FloorWordParts> floor_word_parts(const crypto::PublicKey& authority, std::string_view component,
                                        std::int64_t security_version) {
  if (authority.kind() != crypto::KeyKind::EcP256) {
    return fail(Next::Rejected, kFloorWordMalformed,
                cat("expected a P-256 key as the authority of a floor, saw ", name_of(authority.kind())));
  }
  const tpm::PublicArea area = tpm::authority_area(authority);
  const auto part = [&](tpm::FloorWrite write) {
    return tpm::floor_write_policy(write, component, area, security_version).to_be_signed();
  };
  return FloorWordParts{part(tpm::FloorWrite::Lay), part(tpm::FloorWrite::Raise)};
}

Result<FloorWord> kept_floor_word_from(json::Fields fields) {
  FloorWord out;
  out.authority = TRY(fields.base64("authority", kSpkiBytesMax));
  out.lay = TRY(fields.base64("lay", kFloorSignatureBytesMax));
  out.raise = TRY(fields.base64("raise", kFloorSignatureBytesMax));
  TRY(fields.done());
  return out;
}

Result<crypto::PublicKey> verify_floor_word(const FloorWord& word, std::string_view component,
                                            std::int64_t security_version) {
  auto authority = TRY(crypto::PublicKey::from_spki(word.authority));
  const FloorWordParts parts = TRY(floor_word_parts(authority, component, security_version));
  for (const auto& [part, signature] : {std::pair(&parts.lay, &word.lay), std::pair(&parts.raise, &word.raise)}) {
    if (authority.verify(crypto::HashAlgorithm::Sha256, *part, *signature)) continue;
    return fail(Next::Rejected, kFloorWordMalformed,
                cat("expected its authority's signatures over the floor of ", component, " at ", security_version,
                    ", saw another one"));
  }
  return authority;
}

Result<FloorWord> floor_word_from(json::Fields fields, std::string_view component, std::int64_t security_version) {
  FloorWord out = TRY(kept_floor_word_from(std::move(fields)));
  TRY(verify_floor_word(out, component, security_version));
  return out;
}

json::Value to_json(const FloorWord& word) {
  return json::Object{
      {"authority", to_base64(word.authority)}, {"lay", to_base64(word.lay)}, {"raise", to_base64(word.raise)}};
}

}  // namespace holdfast::trust::update
