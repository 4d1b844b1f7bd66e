// An owner's key holders in tests: P-256 keys that are the same in every run, and the two steps of signing a document.
#pragma once

#include "base/check.h"
#include "trust/tuf/envelope.h"

namespace holdfast {

/// Holder `number`, from 1.
inline trust::crypto::PrivateKey holder(std::uint8_t number) {
  auto key = trust::crypto::PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, Blob(48, number));
  CHECK_INVARIANT(key);
  return *std::move(key);
}

inline trust::crypto::PublicKey holder_key(std::uint8_t number) { return holder(number).public_key(); }

inline trust::tuf::Key tuf_key(std::uint8_t number) {
  auto key = trust::tuf::make_key(holder_key(number));
  CHECK_INVARIANT(key);
  return *std::move(key);
}

/// Each of the holders signs, one after another; nobody checks whether they may.
inline trust::tuf::Envelope signed_by(trust::tuf::Envelope envelope, std::initializer_list<std::uint8_t> numbers) {
  for (const std::uint8_t number : numbers) {
    const auto signature = holder(number).sign(trust::crypto::HashAlgorithm::Sha256, envelope.to_be_signed);
    CHECK_INVARIANT(signature && trust::tuf::add_signature(envelope, tuf_key(number), *signature));
  }
  return envelope;
}

}  // namespace holdfast
