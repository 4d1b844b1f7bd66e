#include "trust/tuf/envelope.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "trust/tuf/canonical.h"

namespace holdfast::trust::tuf {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kEnvelopeMalformed, std::move(message));
}

const Signature* find_signature(const Envelope& envelope, const KeyId& id) {
  const auto at = std::ranges::find(envelope.signatures, id, &Signature::key_id);
  return at == envelope.signatures.end() ? nullptr : &*at;
}

Result<Signature> signature_of(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "signature"));
  Signature out;
  out.key_id = TRY(fields.text("keyid", kKeyIdBytes));
  out.signature = TRY(fields.hex("sig", kSignatureBytesMax));
  return out;
}

Result<std::vector<Signature>> signatures_of(const json::Array& values) {
  std::vector<Signature> out;
  for (const json::Value& one : values) {
    Signature signature = TRY(signature_of(one));
    if (std::ranges::find(out, signature.key_id, &Signature::key_id) != out.end()) {
      return malformed(
          cat("expected each key id once among the signatures, saw ", printable(signature.key_id), " twice"));
    }
    out.push_back(std::move(signature));
  }
  return out;
}

void put_signature(Envelope& envelope, Signature signature) {
  const auto at = std::ranges::find(envelope.signatures, signature.key_id, &Signature::key_id);
  if (at == envelope.signatures.end()) {
    envelope.signatures.push_back(std::move(signature));
  } else {
    *at = std::move(signature);
  }
}

Result<void> require_room(const Envelope& envelope) {
  if (envelope.signatures.size() <= kSignaturesMax) return {};
  return fail(Next::Exhausted, kEnvelopeMalformed,
              cat("expected at most ", kSignaturesMax, " signatures, saw ", envelope.signatures.size()));
}

}  // namespace

Result<Envelope> make_envelope(json::Value signed_part) {
  if (signed_part.object() == nullptr) {
    return malformed(cat("expected an object as the signed part, saw ", signed_part.kind()));
  }
  Envelope out;
  out.to_be_signed = TRY(canonical(signed_part));
  out.signed_part = std::move(signed_part);
  return out;
}

/// A value takes at least eight bytes of such documents.
Result<Envelope> parse_envelope(Bytes document, std::size_t bytes_max) {
  const json::Limits limits{.bytes_max = bytes_max, .nodes_max = bytes_max / 8};
  json::Value value = TRY(json::parse(document, limits));
  auto fields = TRY(json::Fields::of(value, "envelope"));
  std::vector<Signature> signatures = TRY(signatures_of(*TRY(fields.array("signatures", kSignaturesMax))));
  TRY(fields.value("signed"));
  Envelope out =
      TRY(make_envelope(std::move(std::ranges::find(*value.object(), "signed", &json::Member::name)->value)));
  out.signatures = std::move(signatures);
  return out;
}

Blob dump_envelope(const Envelope& envelope) {
  json::Array signatures;
  for (const Signature& one : envelope.signatures) {
    signatures.push_back(json::Object{{"keyid", one.key_id}, {"sig", to_hex(one.signature)}});
  }
  const json::Object members{{"signatures", std::move(signatures)}, {"signed", envelope.signed_part}};
  return to_blob(as_bytes(json::dump_pretty(members) + "\n"));
}

std::vector<KeyId> signers(const Envelope& envelope, const std::vector<Key>& keys, const Role& role) {
  std::vector<KeyId> out;
  std::set<Digest256> counted;  // by the key itself: two ids of one key are one holder
  for (const KeyId& id : role.key_ids) {
    const auto key = std::ranges::find(keys, id, &Key::id);
    const Signature* signature = find_signature(envelope, id);
    if (key == keys.end() || signature == nullptr) continue;
    if (!verify(*key, envelope.to_be_signed, signature->signature)) continue;
    const auto& verifier = key->key;
    if (verifier && counted.insert(verifier->spki_sha256()).second) out.push_back(id);
  }
  return out;
}

Result<void> require_threshold(const Envelope& envelope, const std::vector<Key>& keys, const Role& role) {
  if (role.threshold < 1) {
    return fail(Next::Rejected, kRoleMalformed, cat("expected a threshold of at least 1, saw ", role.threshold));
  }
  const std::size_t count = signers(envelope, keys, role).size();
  if (count >= static_cast<std::size_t>(role.threshold)) return {};
  return fail(Next::Rejected, kThresholdMissed,
              cat("expected good signatures of ", role.threshold, " of the role's ", role.key_ids.size(), " keys, saw ",
                  count));
}

Result<void> add_signature(Envelope& envelope, const Key& key, Bytes signature) {
  TRY(verify(key, envelope.to_be_signed, signature));
  put_signature(envelope, {key.id, to_blob(signature)});
  return require_room(envelope);
}

Result<void> merge_signatures(Envelope& envelope, const Envelope& other) {
  if (!equal(envelope.to_be_signed, other.to_be_signed)) {
    return fail(Next::Conflict, kEnvelopesDiffer, "expected two copies of one document, saw two documents");
  }
  for (const Signature& one : other.signatures) {
    if (find_signature(envelope, one.key_id) == nullptr) put_signature(envelope, one);
  }
  return require_room(envelope);
}

}  // namespace holdfast::trust::tuf
