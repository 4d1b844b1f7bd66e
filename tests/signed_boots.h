// Words of a system's authority for its boots, for tests: holders' keys sign them (owner_keys.h).
#pragma once

#include "owner_keys.h"
#include "trust/update/seal_words.h"

namespace holdfast {

inline trust::update::SealWords seal_words_by(std::uint8_t number, std::string_view component, std::int64_t version,
                                              const trust::tpm::BootState& begin) {
  using trust::crypto::HashAlgorithm;
  const auto key = holder(number);
  const auto parts = trust::update::seal_word_parts(key.public_key(), component, version, begin);
  const auto floor = trust::update::seal_floor_part(key.public_key(), component);
  CHECK_INVARIANT(parts && floor);
  const auto signature_of = [&](Bytes part) { return *key.sign(HashAlgorithm::Sha256, part); };
  return {.security_version = version,
          .authority = key.public_key().spki(),
          .lay = signature_of(*floor),
          .boots = {{begin.keys, signature_of(parts->open), signature_of(parts->use)}}};
}

}  // namespace holdfast
