// The audit log's hash chain: one per catalog, and one under the empty name for the service itself. Whoever keeps a
// signed head can tell later that a record before it was removed, changed or reordered, that the chain was cut behind
// it, or that it was rebuilt, even by someone who holds the service's keys (flow 5.4).
#pragma once

#include <optional>

#include "base/time.h"
#include "trust/crypto/key.h"

namespace holdfast::trust::audit {

inline constexpr Reason kRecordMissing{"audit-record-missing"};  ///< removed or reordered
inline constexpr Reason kRecordChanged{"audit-record-changed"};
inline constexpr Reason kChainTruncated{"audit-chain-truncated"};
inline constexpr Reason kChainRebuilt{"audit-chain-rebuilt"};
inline constexpr Reason kHeadWrong{"audit-head-wrong"};
inline constexpr Reason kHeadKeyChanged{"audit-head-key-changed"};

/// What is hashed of one record. Views of somebody's text.
struct Record {
  std::string_view catalog;
  std::int64_t sequence = 0;  ///< from 1, without gaps
  WallTime at;
  std::string_view actor;
  std::string_view action;
  std::string_view subject;
  std::string_view detail;  ///< a JSON object
};

/// A chain up to and including its record `sequence`; 0: nothing yet.
struct Head {
  std::string catalog;
  std::int64_t sequence = 0;
  Digest256 hash{};
  friend bool operator==(const Head&, const Head&) = default;
};

/// The hash of a record after `previous`: SHA-256 over a label, `previous` and each member with its length.
Digest256 hash_of(const Digest256& previous, const Record& record);

/// What the audit key signs of a head: ECDSA with SHA-256 over this text.
std::string head_statement(const Head& head);

struct SignedHead {
  Head head;
  Blob signature;   ///< DER
  Blob public_key;  ///< SubjectPublicKeyInfo
};
Result<void> verify_head(const SignedHead& head);

/// What an auditor keeps from one look to the next.
struct Remembered {
  Head head;
  Blob public_key;  ///< SubjectPublicKeyInfo of the key that signed it
};

/// An auditor's walk along one chain, record by record from the first to the signed head that the service gave out
/// before. Refuses the first thing that is wrong.
class Walk {
 public:
  /// Verifies the head's signature, and that it continues what is remembered.
  static Result<Walk> begin(SignedHead head, std::string_view catalog, std::optional<Remembered> remembered);

  /// The next record as it was downloaded, with the hash that came with it.
  Result<void> follow(const Record& record, const Digest256& stored_hash);
  bool is_complete() const { return at_.sequence == goal_.head.sequence; }
  /// What is to be remembered; refused before the walk has come to the head.
  Result<Remembered> end() const;

 private:
  Walk(SignedHead goal, std::optional<Remembered> remembered)
      : goal_(std::move(goal)), remembered_(std::move(remembered)) {
    at_.catalog = goal_.head.catalog;
  }
  Result<void> compare_with_remembered() const;

  SignedHead goal_;
  std::optional<Remembered> remembered_;
  Head at_;
};

}  // namespace holdfast::trust::audit
