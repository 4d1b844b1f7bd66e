// Words of a floor's authority for tests: holders' keys sign them (owner_keys.h).
#pragma once

#include "owner_keys.h"
#include "ports/floor.h"
#include "trust/update/floor_word.h"

namespace holdfast {

inline trust::update::FloorWord floor_word_by(std::uint8_t number, std::string_view component, std::int64_t version) {
  const auto key = holder(number);
  const auto parts = trust::update::floor_word_parts(key.public_key(), component, version);
  CHECK_INVARIANT(parts);
  const auto lay = key.sign(trust::crypto::HashAlgorithm::Sha256, parts->lay);
  const auto raise = key.sign(trust::crypto::HashAlgorithm::Sha256, parts->raise);
  CHECK_INVARIANT(lay && raise);
  return {key.public_key().spki(), *lay, *raise};
}

/// As a vault takes it.
inline ports::FloorWord vault_word_by(std::uint8_t number, std::string_view component, std::int64_t version) {
  auto word = floor_word_by(number, component, version);
  return {std::move(word.authority), std::move(word.lay), std::move(word.raise)};
}

}  // namespace holdfast
