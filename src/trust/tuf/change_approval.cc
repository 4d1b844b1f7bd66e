#include "trust/tuf/change_approval.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "change-approval";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kCatalogBytesMax = 48;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kChangeApprovalMalformed, std::move(message));
}

Result<void> require_words(const Change& change) {
  if (change.catalog.empty() || change.kind.empty() || change.lets_in.empty()) {
    return malformed("expected a catalog, a kind and at least one sentence of what is let in, saw one of them empty");
  }
  return {};
}

Result<void> require_same(const Change& seen, const Change& expected) {
  if (seen.catalog != expected.catalog) {
    return fail(Next::Rejected, kChangeApprovalForeign,
                cat("expected an approval for the catalog ", printable(expected.catalog), ", saw one for ",
                    printable(seen.catalog)));
  }
  if (seen.number != expected.number) {
    return fail(Next::Rejected, kChangeApprovalReplayed,
                cat("expected an approval of change ", expected.number, ", saw one of change ", seen.number));
  }
  if (seen == expected) return {};
  return fail(Next::Rejected, kChangeApprovalDiffers,
              cat("expected an approval of ", printable(expected.kind), " ", printable(expected.subject),
                  " with SHA-256 ", to_hex(expected.content_sha256), " and what it lets in, saw ", printable(seen.kind),
                  " ", printable(seen.subject), " with ", to_hex(seen.content_sha256), " or other words"));
}

}  // namespace

Result<ChangeApproval> read_change_approval(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kChangeKindBytesMax));
  if (type != kType) return malformed(cat("expected a document of type ", kType, ", saw ", printable(type)));
  TRY(fields.integer("format", kFormat, kFormat));
  ChangeApproval out;
  out.change.catalog = TRY(fields.text("catalog", kCatalogBytesMax));
  out.change.number = TRY(fields.integer("number", 1, kVersionMax));
  out.change.kind = TRY(fields.text("kind", kChangeKindBytesMax));
  out.change.subject = TRY(fields.text("subject", kChangeSubjectBytesMax));
  out.change.content_sha256 = TRY(fields.digest256("content_sha256"));
  out.change.lets_in = TRY(fields.texts("lets_in", kLetsInMax, kLetsInBytesMax));
  out.expires = TRY(fields.time("expires"));
  TRY(fields.done());
  TRY(require_words(out.change));
  return out;
}

Result<Verified<ChangeApproval>> verify_change_approval(Bytes envelope, const Verified<Root>& root,
                                                        const Change& change, WallTime now) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_unexpired("the owner's root", root->expires, now));
  TRY(require_threshold(parsed, root->keys, root->role(RoleName::Targets)));
  ChangeApproval approval = TRY(read_change_approval(parsed));
  TRY(require_same(approval.change, change));
  TRY(require_unexpired("the approval", approval.expires, now));
  approval.signed_by = signers(parsed, root->keys, root->role(RoleName::Targets));
  return Verified<ChangeApproval>(std::move(approval), Proof());
}

Result<Envelope> make_change_approval(const ChangeApproval& approval) {
  const Change& change = approval.change;
  json::Array lets_in;
  for (const std::string& words : change.lets_in) lets_in.emplace_back(words);
  Envelope envelope = TRY(make_envelope(json::Object{{"_type", kType},
                                                     {"format", kFormat},
                                                     {"catalog", change.catalog},
                                                     {"number", change.number},
                                                     {"kind", change.kind},
                                                     {"subject", change.subject},
                                                     {"content_sha256", to_hex(change.content_sha256)},
                                                     {"lets_in", std::move(lets_in)},
                                                     {"expires", to_rfc3339(approval.expires)}}));
  TRY(read_change_approval(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf
