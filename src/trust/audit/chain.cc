#include "trust/audit/chain.h"

#include "base/byte_io.h"
#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::audit {

Digest256 hash_of(const Digest256& previous, const Record& record) {
  ByteWriter out(Endian::Big);
  out.bytes(as_bytes("holdfast-audit-v1")).bytes(previous);
  out.u64(static_cast<std::uint64_t>(record.sequence)).u64(static_cast<std::uint64_t>(record.at.ms));
  for (const std::string_view member : {record.catalog, record.actor, record.action, record.subject, record.detail}) {
    out.u32(static_cast<std::uint32_t>(member.size())).bytes(as_bytes(member));
  }
  return crypto::sha256(out.written());
}

std::string head_statement(const Head& head) {
  return cat("holdfast-audit-head-v1\n", head.catalog, "\n", head.sequence, "\n", to_hex(head.hash), "\n");
}

Result<void> verify_head(const SignedHead& head) {
  const auto key = TRY(crypto::PublicKey::from_spki(head.public_key));
  auto verified = key.verify(crypto::HashAlgorithm::Sha256, as_bytes(head_statement(head.head)), head.signature);
  if (!verified) return fail_within(cat("the head at record ", head.head.sequence), std::move(verified).error());
  return {};
}

Result<Walk> Walk::begin(SignedHead head, std::string_view catalog, std::optional<Remembered> remembered) {
  if (head.head.catalog != catalog || head.head.sequence < 0) {
    return fail(Next::Corrupt, kHeadWrong,
                cat("expected the head of the chain '", printable(catalog), "', saw record ", head.head.sequence,
                    " of '", printable(head.head.catalog), "'"));
  }
  TRY(verify_head(head));
  if (remembered && remembered->public_key != head.public_key) {
    return fail(Next::Corrupt, kHeadKeyChanged,
                cat("expected a head signed by the key with SHA-256 ", to_hex(crypto::sha256(remembered->public_key)),
                    ", saw one signed by ", to_hex(crypto::sha256(head.public_key))));
  }
  if (remembered && head.head.sequence < remembered->head.sequence) {
    return fail(Next::Corrupt, kChainTruncated,
                cat("expected a chain of at least ", remembered->head.sequence,
                    " records, which were seen before, saw ", head.head.sequence));
  }
  Walk walk(std::move(head), std::move(remembered));
  TRY(walk.compare_with_remembered());
  return walk;
}

Result<void> Walk::follow(const Record& record, const Digest256& stored_hash) {
  if (record.sequence != at_.sequence + 1 || is_complete()) {
    return fail(
        Next::Corrupt, kRecordMissing,
        cat("expected record ", at_.sequence + 1, " of ", goal_.head.sequence, ", saw record ", record.sequence));
  }
  const Digest256 hash = hash_of(at_.hash, record);
  if (record.catalog != at_.catalog || hash != stored_hash) {
    return fail(Next::Corrupt, kRecordChanged,
                cat("record ", record.sequence, ": expected the hash ", to_hex(hash), " of what it says, saw ",
                    to_hex(stored_hash)));
  }
  at_.sequence = record.sequence;
  at_.hash = hash;
  return compare_with_remembered();
}

Result<void> Walk::compare_with_remembered() const {
  if (!remembered_ || remembered_->head.sequence != at_.sequence || remembered_->head.hash == at_.hash) return {};
  return fail(Next::Corrupt, kChainRebuilt,
              cat("expected the hash ", to_hex(remembered_->head.hash), " at record ", at_.sequence,
                  ", which was seen before, saw ", to_hex(at_.hash)));
}

Result<Remembered> Walk::end() const {
  if (!is_complete()) {
    return fail(Next::Corrupt, kChainTruncated,
                cat("expected ", goal_.head.sequence, " records up to the signed head, saw ", at_.sequence));
  }
  if (at_.hash != goal_.head.hash) {
    return fail(Next::Corrupt, kHeadWrong,
                cat("expected the signed head to be ", to_hex(at_.hash), " at record ", at_.sequence, ", saw ",
                    to_hex(goal_.head.hash)));
  }
  return Remembered{at_, goal_.public_key};
}

}  // namespace holdfast::trust::audit
