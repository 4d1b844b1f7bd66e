// What a POST was answered, so that the same request under the same Idempotency-Key is answered alike and done once.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct KeptAnswerRow {
  std::string caller;       ///< operator:<name>
  std::string key;          ///< as the caller chose it
  std::int64_t number = 0;  ///< counted up per caller, so that the oldest is found without counting
  Digest256 request_sha256{};
  std::int64_t status = 0;
  Blob sealed_body;  ///< answers may hold secrets that are shown once
  WallTime expires_at;

  static const Schema& schema();
  auto fields() { return std::tie(caller, key, number, request_sha256, status, sealed_body, expires_at); }
  auto fields() const { return std::tie(caller, key, number, request_sha256, status, sealed_body, expires_at); }
};

inline constexpr std::string_view kAnswersByNumber = "kept_answers_by_number";  ///< caller, number; unique
inline constexpr std::string_view kAnswersByExpiry = "kept_answers_by_expiry";  ///< expires_at

extern template class Table<KeptAnswerRow>;

}  // namespace holdfast::ports
