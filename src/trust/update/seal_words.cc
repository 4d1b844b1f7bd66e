#include "trust/update/seal_words.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/tuf/metadata.h"
#include "trust/update/image.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kEscrowSigned{"holdfast-escrow-v1"};

std::unexpected<Error> unsigned_escrow() {
  return fail(Next::Denied, kEscrowUnsigned,
              "expected a key to escrow to that the system's authority signed, saw another");
}

Result<SealWord> word_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "seal word"));
  SealWord out;
  out.keys = TRY(fields.digest256("keys"));
  out.open = TRY(fields.base64("open", kFloorSignatureBytesMax));
  out.use = TRY(fields.base64("use", kFloorSignatureBytesMax));
  TRY(fields.done());
  return out;
}

Result<EscrowWord> escrow_from(json::Fields fields) {
  EscrowWord out;
  out.key = TRY(fields.base64("key", kSpkiBytesMax));
  out.signature = TRY(fields.base64("signature", kFloorSignatureBytesMax));
  TRY(fields.done());
  return out;
}

Result<SealWords> words_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "seal words"));
  SealWords out;
  out.security_version = TRY(fields.integer("security_version", 0, tuf::kVersionMax));
  out.authority = TRY(fields.base64("authority", kSpkiBytesMax));
  out.lay = TRY(fields.base64("lay", kFloorSignatureBytesMax));
  for (const json::Value& one : *TRY(fields.array("boots", kSealBootsMax))) {
    out.boots.push_back(TRY(word_from(one)));
  }
  if (fields.has("escrow")) out.escrow = TRY(escrow_from(TRY(fields.object("escrow"))));
  TRY(fields.done());
  return out;
}

Result<SealWords> words_in(Bytes text) { return words_from(TRY(json::parse(text, {.bytes_max = kSealWordsBytes}))); }

Result<GoodBoot> good_boot_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "good boot"));
  GoodBoot out;
  out.component = TRY(fields.text("component", kImageNameBytesMax));
  out.authority_sha256 = TRY(fields.digest256("authority"));
  out.words = TRY(words_from(*TRY(fields.value("words"))));
  TRY(fields.done());
  return out;
}

json::Value to_json(const SealWords& words) {
  json::Array boots;
  for (const SealWord& one : words.boots) {
    boots.push_back(
        json::Object{{"keys", to_hex(one.keys)}, {"open", to_base64(one.open)}, {"use", to_base64(one.use)}});
  }
  json::Object out{{"security_version", words.security_version},
                   {"authority", to_base64(words.authority)},
                   {"lay", to_base64(words.lay)},
                   {"boots", std::move(boots)}};
  if (words.escrow) {
    out.emplace_back("escrow", json::Object{{"key", to_base64(words.escrow->key)},
                                            {"signature", to_base64(words.escrow->signature)}});
  }
  return out;
}

}  // namespace

Result<SealWordParts> seal_word_parts(const crypto::PublicKey& authority, std::string_view component,
                                      std::int64_t security_version, const tpm::BootState& begin) {
  TRY(seal_floor_part(authority, component));
  const tpm::PublicArea area = tpm::authority_area(authority);
  const auto part = [&](tpm::BootPhase phase, const tpm::BootState& state) {
    return signed_boot_policy(phase, state, component, area, security_version).to_be_signed();
  };
  return SealWordParts{part(tpm::BootPhase::Begin, begin), part(tpm::BootPhase::Running, separated(begin))};
}

Result<Blob> seal_floor_part(const crypto::PublicKey& authority, std::string_view component) {
  return TRY(floor_word_parts(authority, component, 0)).lay;
}

Blob escrow_part(Bytes key) { return concat({as_bytes(kEscrowSigned), key}); }

Result<std::optional<crypto::PublicKey>> verify_escrow(const GoodBoot& boot) {
  const auto& escrow = boot.words.escrow;
  if (!escrow) return std::nullopt;
  const bool is_authority = crypto::sha256(boot.words.authority) == boot.authority_sha256;
  const auto authority =
      is_authority ? crypto::PublicKey::from_spki(boot.words.authority) : Result<crypto::PublicKey>(unsigned_escrow());
  if (!authority) return unsigned_escrow();
  const bool is_signed =
      authority->verify(crypto::HashAlgorithm::Sha256, escrow_part(escrow->key), escrow->signature).has_value();
  if (!is_signed) return unsigned_escrow();
  return std::optional(TRY(crypto::PublicKey::from_spki(escrow->key)));
}

Result<SealWords> parse_seal_words(Bytes part) {
  const auto end = std::ranges::find(part, 0);
  if (!std::all_of(end, part.end(), [](std::uint8_t one) { return one == 0; })) {
    return fail(Next::Rejected, kSealWordsMalformed, "seal words: expected zeros behind the text, saw more");
  }
  const Bytes text = part.first(static_cast<std::size_t>(end - part.begin()));
  if (text.empty()) return SealWords{};
  auto out = words_in(text);
  if (!out) return fail(Next::Rejected, kSealWordsMalformed, std::move(out).error().message);
  return out;
}

Result<GoodBoot> parse_good_boot(Bytes text) {
  const auto value = json::parse(text, {.bytes_max = kGoodBootBytesMax});
  auto out = value ? good_boot_from(*value) : std::unexpected(value.error());
  if (!out) return fail(Next::Rejected, kSealWordsMalformed, std::move(out).error().message);
  return out;
}

std::string to_json(const GoodBoot& boot) {
  return json::dump(json::Object{
      {"component", boot.component}, {"authority", to_hex(boot.authority_sha256)}, {"words", to_json(boot.words)}});
}

Result<Blob> make_seal_words(const SealWords& words) {
  const std::string text = json::dump(to_json(words));
  if (text.size() > kSealWordsBytes) {
    return fail(Next::Exhausted, kSealWordsMalformed,
                cat("expected seal words of at most ", kSealWordsBytes, " bytes, saw ", text.size()));
  }
  Blob out = to_blob(as_bytes(text));
  out.resize(kSealWordsBytes, 0);
  return out;
}

}  // namespace holdfast::trust::update
