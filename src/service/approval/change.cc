#include "service/approval/change.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "service/approval/kinds.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/change_approval.h"

namespace holdfast::service::approval {
namespace {

constexpr std::size_t kSentenceBytesMax = 400;  // printable text grows by its ellipsis
static_assert(kSentenceBytesMax + 8 <= trust::tuf::kLetsInBytesMax);

constexpr Kind kKinds[] = {
    {ChangeKind::Policy, Scope::Operate, "policy", policy_lets_in, apply_policy},
    {ChangeKind::ReferenceValues, Scope::Operate, "reference-values", reference_values_let_in, apply_reference_values},
    {ChangeKind::Baseline, Scope::Operate, "baseline", baseline_lets_in, apply_baseline},
    {ChangeKind::FactoryList, Scope::Operate, "factory-list", factory_list_lets_in, apply_factory_list},
    {ChangeKind::ApprovalRules, Scope::Own, "approval-rules", approval_rules_let_in, apply_approval_rules},
    {ChangeKind::Est, Scope::Own, "est", est_lets_in, apply_est},
};

const Kind& row_of(ChangeKind kind) {
  const auto* const row = std::ranges::find(kKinds, kind, &Kind::kind);
  CHECK_INVARIANT(row != std::end(kKinds));
  return *row;
}

/// As many sentences as a document may have; the digest in the last one keeps the list complete.
Words bounded(Words all) {
  if (all.size() > trust::tuf::kLetsInMax) {
    const std::size_t count = all.size();
    const Digest256 digest = trust::crypto::sha256(as_bytes(join(all, "\n")));
    all.resize(trust::tuf::kLetsInMax - 1);
    all.push_back(cat("and ", count - all.size(), " more, which are ", count, " with SHA-256 ", to_hex(digest)));
  }
  for (std::string& sentence : all) sentence = printable(sentence, kSentenceBytesMax);
  return all;
}

}  // namespace

std::string_view name_of(ChangeKind kind) { return row_of(kind).name; }

Scope scope_of(ChangeKind kind) { return row_of(kind).scope; }

Result<ChangeKind> parse_kind(std::string_view word) {
  const auto* const row = std::ranges::find(kKinds, word, &Kind::name);
  if (row != std::end(kKinds)) return row->kind;
  return fail(Next::Corrupt, kChangeUnknown, cat("expected a kind of change, saw '", printable(word, 60), "'"));
}

Words words_of(const std::vector<trust::appraisal::Loosening>& loosenings) {
  Words out;
  for (const auto& one : loosenings) out.push_back(one.words);
  return out;
}

Result<Words> lets_in(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Change& change,
                      WallTime now) {
  return bounded(TRY(row_of(change.kind).lets_in({tx, deps, catalog, change.content, now})));
}

Result<void> apply(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Change& change,
                   std::string_view proposed_by, const Caller& by, WallTime now) {
  return row_of(change.kind).apply({tx, deps, catalog, change.content, now}, {proposed_by, by});
}

}  // namespace holdfast::service::approval
