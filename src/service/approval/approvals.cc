#include "service/approval/approvals.h"

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "service/catalog/catalogs.h"
#include "service/claim/owner_documents.h"
#include "service/numbers.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/change_approval.h"

namespace holdfast::service::approval {
namespace {

using ports::ApprovalRow;
using ports::ApprovalState;
using ports::Table;
using trust::appraisal::ApprovalRules;

std::string text_of(const Words& words) {
  json::Array out;
  for (const std::string& sentence : words) out.emplace_back(sentence);
  return json::dump(out);
}

Result<json::Value> detail_of(const ApprovalRow& row) {
  json::Value lets_in = TRY(json::parse(as_bytes(row.lets_in)));
  return json::Object{{"number", row.number},
                      {"kind", row.kind},
                      {"content_sha256", to_hex(row.content_sha256)},
                      {"proposed_by", row.proposed_by},
                      {"lets_in", std::move(lets_in)}};
}

Result<void> record(ports::Transaction& tx, const ApprovalRow& row, std::string_view actor, std::string_view action,
                    json::Value detail, WallTime now) {
  return audit::append(tx, {row.catalog, std::string(actor), std::string(action), row.subject, std::move(detail)}, now);
}

/// Those that wait; the ones that expired are marked so.
Result<std::vector<ApprovalRow>> waiting(ports::Transaction& tx, std::string_view catalog, WallTime now) {
  Table<ApprovalRow> approvals(tx);
  std::vector<ApprovalRow> out;
  const ports::Scan scan{.index = ports::kApprovalsByState,
                         .prefix = ports::record_of(catalog, ApprovalState::Proposed),
                         .limit = kWaitingMax};
  for (ApprovalRow& row : TRY(approvals.scan(scan))) {
    if (state_of(row, now) == ApprovalState::Proposed) {
      out.push_back(std::move(row));
      continue;
    }
    row.state = ApprovalState::Expired;
    row.decided_at = now;
    TRY(approvals.update(row));
    TRY(record(tx, row, "service", "change.expired", TRY(detail_of(row)), now));
  }
  return out;
}

Result<std::int64_t> next_number(ports::Transaction& tx, std::string_view catalog) {
  const ports::Scan newest{.prefix = ports::record_of(catalog), .limit = 1, .descending = true};
  const auto rows = TRY(Table<ApprovalRow>(tx).scan(newest));
  return service::next_number(tx, rows.empty() ? Numbered{} : Numbered{rows.front().number, rows.front().proposed_at});
}

Result<ApprovalRow> propose(ports::Transaction& tx, std::string_view catalog, const Change& change, const Words& words,
                            const Caller& by, WallTime now) {
  ApprovalRow row;
  row.catalog = catalog;
  row.kind = name_of(change.kind);
  row.subject = change.subject;
  row.content = change.content;
  row.content_sha256 = trust::crypto::sha256(as_bytes(change.content));
  row.lets_in = text_of(words);
  row.proposed_by = actor_of(by);
  row.proposed_at = now;
  row.expires_at = now + kProposalLife;
  const auto others = TRY(waiting(tx, catalog, now));
  for (const ApprovalRow& other : others) {
    const bool same = other.kind == row.kind && other.content == row.content && other.lets_in == row.lets_in;
    if (same) return other;
  }
  if (others.size() >= kWaitingMax) {
    return fail(Next::Exhausted, kTooManyWait,
                cat("expected at most ", kWaitingMax, " changes that wait in a catalog; decide on some of them first"));
  }
  row.number = TRY(next_number(tx, catalog));
  TRY(Table<ApprovalRow>(tx).insert(row));
  TRY(record(tx, row, row.proposed_by, "change.proposed", TRY(detail_of(row)), now));
  return row;
}

Result<ApprovalRow> require_waiting(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                                    WallTime now) {
  ApprovalRow row = TRY(find_approval(tx, catalog, number));
  const ApprovalState state = state_of(row, now);
  if (state == ApprovalState::Proposed) return row;
  const bool expired = state == ApprovalState::Expired;
  return fail(Next::Conflict, expired ? kApprovalExpired : kNotProposed,
              cat("change ", number, " does not wait for a decision: it is ", name_of(state)));
}

/// Proposing and approving take the same scope.
Result<void> require_scope(ChangeKind kind, const Caller& by) {
  const auto* person = std::get_if<OperatorCaller>(&by);
  if (person != nullptr && person->scope >= scope_of(kind)) return {};
  return fail(Next::Denied, kCallerNotAllowed,
              cat("expected an operator with the scope ", name_of(scope_of(kind)), " for ", name_of(kind)));
}

/// A name has one token in its whole life and never comes again: another name is another token.
Result<void> require_second_operator(const ApprovalRow& row, const ApprovalRules& rules, const Caller& by) {
  if (!rules.two_approvers || row.proposed_by != actor_of(by)) return {};
  return fail(Next::Denied, kOwnProposal, "expected a second operator, saw the one who proposed it");
}

/// The release engineers who signed it; nobody where the catalog asks for no signature and none was given.
Result<json::Array> require_signature(ports::Transaction& tx, const ApprovalRow& row, const ApprovalRules& rules,
                                      const std::optional<Blob>& document, WallTime now) {
  json::Array out;
  if (!document && !rules.signed_policy) return out;
  if (!document) {
    return fail(Next::Denied, kSignatureNeeded,
                cat("expected the release key's signature; write change ", row.number,
                    " to a file with holdfast approval draft, have it signed with holdfast owner sign, and approve it "
                    "with --signed"));
  }
  Words words = TRY(words_of(row));
  const trust::tuf::Change change{row.catalog, row.number, row.kind, row.subject, row.content_sha256, std::move(words)};
  const auto root = TRY(claim::current_root(tx, row.catalog));
  const auto approval = TRY(input(trust::tuf::verify_change_approval(*document, root, change, now)));
  for (const trust::tuf::KeyId& id : approval->signed_by) out.emplace_back(id);
  return out;
}

/// That it still lets in what was shown, nothing more and nothing less.
Result<void> require_as_proposed(ports::Transaction& tx, Deps& deps, const ApprovalRow& row, const Change& change,
                                 WallTime now) {
  const auto words = lets_in(tx, deps, row.catalog, change, now);
  if (words && text_of(*words) == row.lets_in) return {};
  const bool store_failed = !words && (words.error().next == Next::Retry || words.error().next == Next::Corrupt);
  if (store_failed) return std::unexpected(words.error());
  return fail(Next::Conflict, kApprovalOutdated,
              cat("change ", row.number, " is no longer what was proposed: ",
                  words ? std::string("it would let in something else now") : words.error().message,
                  "; reject it and propose it anew"));
}

}  // namespace

ApprovalState state_of(const ApprovalRow& row, WallTime now) {
  return row.state == ApprovalState::Proposed && now >= row.expires_at ? ApprovalState::Expired : row.state;
}

std::string_view name_of(ApprovalState state) {
  switch (state) {
    case ApprovalState::Proposed: return "proposed";
    case ApprovalState::Approved: return "approved";
    case ApprovalState::Rejected: return "rejected";
    case ApprovalState::Expired: return "expired";
  }
  return "unknown";
}

Result<Words> words_of(const ApprovalRow& row) {
  const json::Value value = TRY(json::parse(as_bytes(row.lets_in)));
  const json::Array* sentences = value.array();
  Words out;
  if (sentences == nullptr) return out;
  for (const json::Value& one : *sentences) {
    if (const std::string* sentence = one.text()) out.push_back(*sentence);
  }
  return out;
}

Result<ApprovalRow> find_approval(ports::Transaction& tx, std::string_view catalog, std::int64_t number) {
  auto row = TRY(Table<ApprovalRow>(tx).find(catalog, number));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kNothingThere, cat("there is no change ", number, " in this catalog"));
}

Result<std::optional<ApprovalRow>> submit(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                          const Change& change, const Caller& by, WallTime now) {
  TRY(require_scope(change.kind, by));
  const ApprovalRules rules = catalog::rules_of(TRY(catalog::find_catalog(tx, catalog)));
  const Words words = TRY(lets_in(tx, deps, catalog, change, now));
  if (words.empty() || rules == ApprovalRules{}) {
    TRY(apply(tx, deps, catalog, change, actor_of(by), by, now));
    return std::optional<ApprovalRow>();
  }
  return std::optional(TRY(propose(tx, catalog, change, words, by, now)));
}

Result<ApprovalRow> approve(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::int64_t number,
                            const Approval& approval, const Caller& by, WallTime now) {
  ApprovalRow row = TRY(require_waiting(tx, catalog, number, now));
  if (approval.content_sha256 != row.content_sha256) {
    return fail(
        Next::Conflict, kContentDiffers,
        cat("expected the approval of ", to_hex(row.content_sha256), ", saw one of ", to_hex(approval.content_sha256)));
  }
  const ChangeKind kind = TRY(parse_kind(row.kind));
  const Change change{kind, row.subject, row.content};
  const ApprovalRules rules = catalog::rules_of(TRY(catalog::find_catalog(tx, catalog)));
  TRY(require_scope(kind, by));
  TRY(require_second_operator(row, rules, by));
  json::Array signed_by = TRY(require_signature(tx, row, rules, approval.signed_document, now));
  TRY(require_as_proposed(tx, deps, row, change, now));
  TRY(apply(tx, deps, catalog, change, row.proposed_by, by, now));
  row.state = ApprovalState::Approved;
  row.decided_by = actor_of(by);
  row.decided_at = now;
  TRY(Table<ApprovalRow>(tx).update(row));
  json::Value detail = TRY(detail_of(row));
  detail.set("signed_by", std::move(signed_by));
  TRY(record(tx, row, row.decided_by, "change.approved", std::move(detail), now));
  return row;
}

Result<ApprovalRow> reject(ports::Transaction& tx, std::string_view catalog, std::int64_t number, const Caller& by,
                           WallTime now) {
  ApprovalRow row = TRY(require_waiting(tx, catalog, number, now));
  row.state = ApprovalState::Rejected;
  row.decided_by = actor_of(by);
  row.decided_at = now;
  TRY(Table<ApprovalRow>(tx).update(row));
  TRY(record(tx, row, row.decided_by, "change.rejected", TRY(detail_of(row)), now));
  return row;
}

}  // namespace holdfast::service::approval
