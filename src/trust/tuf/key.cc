#include "trust/tuf/key.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/tuf/canonical.h"

namespace holdfast::trust::tuf {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;
using crypto::PublicKey;

constexpr std::string_view kEcdsaP256 = "ecdsa-sha2-nistp256";
constexpr std::string_view kEd25519 = "ed25519";
constexpr std::string_view kRsaPss = "rsassa-pss-sha256";

constexpr std::string_view kPemHead = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kPemTail = "-----END PUBLIC KEY-----\n";
constexpr std::size_t kPemLine = 64;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kEd25519Bytes = 32;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kTufKeyMalformed, std::move(message));
}

Result<PublicKey> pem_key(std::string_view pem, KeyKind kind) {
  auto key = TRY(PublicKey::from_spki(TRY(spki_from_pem(pem))));
  if (key.kind() != kind) return malformed(cat("expected a ", name_of(kind), " key, saw ", name_of(key.kind())));
  return key;
}

/// None for a combination that we do not know.
Result<std::optional<PublicKey>> public_part(std::string_view keytype, std::string_view scheme,
                                             std::string_view written) {
  const bool is_ecdsa = keytype == "ecdsa" || keytype == kEcdsaP256;  // the latter until TUF 1.0.30
  if (is_ecdsa && scheme == kEcdsaP256) return TRY(pem_key(written, KeyKind::EcP256));
  if (keytype == "rsa" && scheme == kRsaPss) return TRY(pem_key(written, KeyKind::Rsa));
  if (keytype == kEd25519 && scheme == kEd25519) return TRY(PublicKey::from_ed25519(TRY(from_hex(written))));
  return std::optional<PublicKey>();
}

json::Value document_of(std::string_view keytype, std::string_view scheme, std::string written) {
  return json::Object{
      {"keytype", keytype}, {"keyval", json::Object{{"public", std::move(written)}}}, {"scheme", scheme}};
}

}  // namespace

Result<KeyId> key_id(const json::Value& document) { return to_hex(crypto::sha256(TRY(canonical(document)))); }

Result<Key> make_key(const PublicKey& key) {
  const Blob spki = key.spki();
  json::Value document;
  switch (key.kind()) {
    case KeyKind::EcP256: document = document_of("ecdsa", kEcdsaP256, spki_to_pem(spki)); break;
    case KeyKind::Rsa: document = document_of("rsa", kRsaPss, spki_to_pem(spki)); break;
    case KeyKind::Ed25519: document = document_of(kEd25519, kEd25519, to_hex(Bytes(spki).last(kEd25519Bytes))); break;
    default: return malformed(cat("expected a P-256, Ed25519 or RSA key, saw ", name_of(key.kind())));
  }
  return parse_key(document);
}

Result<Key> parse_key(const json::Value& document) {
  auto fields = TRY(json::Fields::of(document, "key"));
  Key out;
  const std::string keytype = TRY(fields.text("keytype", kWordBytesMax));
  out.scheme = TRY(fields.text("scheme", kWordBytesMax));
  auto value = TRY(fields.object("keyval"));
  const std::string written = value.has("public") ? TRY(value.text("public", kKeyTextBytesMax)) : std::string();
  out.key = TRY(public_part(keytype, out.scheme, written));
  out.id = TRY(key_id(document));
  out.document = document;
  return out;
}

Result<void> verify(const Key& key, Bytes message, Bytes signature) {
  if (!key.key) {
    return fail(Next::Rejected, crypto::kSignatureWrong,
                cat("expected a key of a known kind, saw scheme ", printable(key.scheme)));
  }
  if (key.scheme == kRsaPss) return key.key->verify_rsa_pss(HashAlgorithm::Sha256, message, signature);
  return key.key->verify(HashAlgorithm::Sha256, message, signature);
}

std::string spki_to_pem(Bytes spki) {
  const std::string text = to_base64(spki);
  std::string out(kPemHead);
  for (std::size_t at = 0; at < text.size(); at += kPemLine) {
    out += std::string_view(text).substr(at, kPemLine);
    out += '\n';
  }
  return out += kPemTail;
}

Result<Blob> spki_from_pem(std::string_view pem) {
  std::string ended(pem);
  if (!pem.ends_with('\n')) ended += '\n';
  if (!ended.starts_with(kPemHead) || !ended.ends_with(kPemTail) || ended.size() <= kPemHead.size() + kPemTail.size()) {
    return malformed(cat("expected a PUBLIC KEY in PEM, saw '", printable(pem, 60), "'"));
  }
  std::string text;
  const std::string_view inside =
      std::string_view(ended).substr(kPemHead.size(), ended.size() - kPemHead.size() - kPemTail.size());
  for (const std::string_view line : split(inside, '\n')) text += line;
  Blob spki = TRY(from_base64(text));
  if (spki_to_pem(spki) != ended) return malformed("expected PEM in lines of 64 characters, saw it wrapped otherwise");
  return spki;
}

}  // namespace holdfast::trust::tuf
