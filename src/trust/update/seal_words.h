// What lets a system's boots open what was sealed for them (trust/tpm/boot_policy.h): signatures of its authority, in a
// part of the image that nothing measures, behind the volume that firmware reads. Nobody has to trust these bytes,
// since the chip verifies each signature and the authority's name is in the signed command line. Whoever changes the
// authority's key has a release or two signed with both.
#pragma once

#include "base/json/fields.h"
#include "trust/tpm/boot_policy.h"
#include "trust/update/floor_word.h"

namespace holdfast::trust::update {

inline constexpr Reason kEscrowUnsigned{"escrow-unsigned"};
inline constexpr Reason kSealWordsMalformed{"seal-words-malformed"};
/// How much of an image is theirs: JSON, and zeros behind it.
inline constexpr std::size_t kSealWordsBytes = 64 * 1024;
inline constexpr std::size_t kGoodBootBytesMax = kSealWordsBytes + 1024;
inline constexpr std::size_t kSealBootsMax = 64;

/// For boots by one set of firmware keys.
struct SealWord {
  Digest256 keys{};  ///< PCR 7
  Blob open;         ///< ECDSA-SHA256, DER: over the policy before the separator
  Blob use;          ///< over the one behind it
  friend bool operator==(const SealWord&, const SealWord&) = default;
};

/// To whom devices seal what owns their chips, so that their owner can repair one that does not boot any more.
struct EscrowWord {
  Blob key;        ///< SubjectPublicKeyInfo, DER, of a P-256 key
  Blob signature;  ///< the authority's, ECDSA-SHA256, DER, over escrow_part()
  friend bool operator==(const EscrowWord&, const EscrowWord&) = default;
};

struct SealWords {
  std::int64_t security_version = 0;  ///< that they were signed with
  Blob authority;                     ///< SubjectPublicKeyInfo, DER, of a P-256 key; empty: there are no words
  Blob lay;                           ///< over laying the component's floor at zero, to have one to compare with
  std::vector<SealWord> boots;
  std::optional<EscrowWord> escrow = {};
  friend bool operator==(const SealWords&, const SealWords&) = default;
};

/// What the authority signs for a boot that begins so.
struct SealWordParts {
  Blob open;
  Blob use;
};
/// Rejected where the key is no P-256 key.
Result<SealWordParts> seal_word_parts(const crypto::PublicKey& authority, std::string_view component,
                                      std::int64_t security_version, const tpm::BootState& begin);
/// And for the floor that they are compared with.
Result<Blob> seal_floor_part(const crypto::PublicKey& authority, std::string_view component);

/// What the authority signs of the key that is escrowed to.
Blob escrow_part(Bytes key);

/// A boot, and what its image says in its favour; all of it is anybody's word until the chip has verified it.
struct GoodBoot {
  std::string component;
  Digest256 authority_sha256{};  ///< whom the signed command line names; nobody else's words count
  SealWords words;
};
/// {"component", "authority", "words"}, as the first process leaves it for who asks the chip behind the separator.
Result<GoodBoot> parse_good_boot(Bytes text);
std::string to_json(const GoodBoot& boot);

/// The key to escrow to, where the words name one, by the authority's signature alone: no chip looks at it. Denied
/// (kEscrowUnsigned) where the authority is not the one that the command line names, or did not sign.
Result<std::optional<crypto::PublicKey>> verify_escrow(const GoodBoot& boot);

/// Of that part of an image; none where it is all zeros. Rejected (kSealWordsMalformed) where it is something else.
Result<SealWords> parse_seal_words(Bytes part);
/// Exhausted where they do not fit.
Result<Blob> make_seal_words(const SealWords& words);

}  // namespace holdfast::trust::update
