// TUF's envelope (TUF 1.0 §4.2.1): {"signatures": [{"keyid", "sig"}], "signed": {…}}. What is verified is the canonical
// form of `signed`, made once from the value that is afterwards read: nothing is parsed twice. Other members beside
// these, which nobody signed, are passed over and not written again. A threshold counts distinct keys: a key id twice
// among the signatures or in a role, one key under two ids, and a threshold of 0 are refused. Holders of keys sign one
// after another, offline: bytes to sign out, signature in.
#pragma once

#include <vector>

#include "trust/tuf/key.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kEnvelopeMalformed{"envelope-malformed"};
inline constexpr Reason kRoleMalformed{"role-malformed"};
inline constexpr Reason kThresholdMissed{"threshold-missed"};
inline constexpr Reason kEnvelopesDiffer{"envelopes-differ"};

inline constexpr std::size_t kEnvelopeBytesMax = 256 * 1024;
inline constexpr std::size_t kSignaturesMax = 64;
inline constexpr std::size_t kSignatureBytesMax = 16 * 1024;  ///< of kinds to come, too
inline constexpr std::size_t kKeysMax = 64;

struct Signature {
  KeyId key_id;
  Blob signature;
};

struct Envelope {
  json::Value signed_part;
  Blob to_be_signed;  ///< canonical form of signed_part
  std::vector<Signature> signatures;
};

Result<Envelope> parse_envelope(Bytes document, std::size_t bytes_max = kEnvelopeBytesMax);
Result<Envelope> make_envelope(json::Value signed_part);
/// The envelope as published: JSON with a final newline.
Blob dump_envelope(const Envelope& envelope);

/// Whose signatures count, and how many of them are needed.
struct Role {
  std::vector<KeyId> key_ids;  ///< distinct
  std::int64_t threshold = 1;  ///< 1 to key_ids.size()
};

/// The keys of `role` that have signed, each once. Signatures of other keys and wrong ones do not count.
std::vector<KeyId> signers(const Envelope& envelope, const std::vector<Key>& keys, const Role& role);
Result<void> require_threshold(const Envelope& envelope, const std::vector<Key>& keys, const Role& role);

/// Adds one holder's signature over `to_be_signed`; refuses one that does not verify. Signing again replaces it.
Result<void> add_signature(Envelope& envelope, const Key& key, Bytes signature);
/// Takes over the signatures of another copy of the same document, which were made elsewhere.
Result<void> merge_signatures(Envelope& envelope, const Envelope& other);

}  // namespace holdfast::trust::tuf
