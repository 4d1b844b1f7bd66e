#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/change_approval.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;

constexpr Reason kNotThatContent{"not-that-content"};
constexpr std::size_t kDigestPrefixMin = 8;
constexpr std::size_t kContentBytesMax = 2 * 1024 * 1024;

const Option kNumber{.name = "NUMBER", .value = "NUMBER", .help = "as approval list says", .required = true};
const std::vector<Column> kColumns = {{"NUMBER", "number"},      {"KIND", "kind"},
                                      {"SUBJECT", "subject"},    {"STATE", "state"},
                                      {"NEEDS", "needs"},        {"PROPOSED BY", "proposed_by"},
                                      {"EXPIRES", "expires_at"}, {"DECIDED BY", "decided_by"}};

Result<json::Value> approval_of(const Call& call) {
  return call.session.get(call.path("approvals", call.text("NUMBER")));
}

/// What the service says of a change, its digest made here from the content that the service shows.
Result<tuf::ChangeApproval> document_of(const Call& call, const json::Value& answer) {
  auto fields = TRY(json::Fields::of(answer, "approval"));
  tuf::ChangeApproval out;
  out.change.catalog = call.catalog;
  out.change.number = TRY(fields.integer("number", 1, tuf::kVersionMax));
  out.change.kind = TRY(fields.text("kind", tuf::kChangeKindBytesMax));
  out.change.subject = TRY(fields.text("subject", tuf::kChangeSubjectBytesMax));
  out.change.content_sha256 = trust::crypto::sha256(as_bytes(TRY(fields.text("content", kContentBytesMax))));
  out.change.lets_in = TRY(fields.texts("lets_in", tuf::kLetsInMax, tuf::kLetsInBytesMax));
  out.expires = TRY(fields.time("expires_at"));
  return out;
}

Result<void> list(Call& call) {
  const std::string path =
      with_query(call.path("approvals"), {{"state", call.arguments.has("--all") ? "" : "proposed"}});
  show_list(call.world, call.format, TRY(items_of(call, path)), kColumns);
  return {};
}

/// For people each sentence gets a line of its own, and the content is shown whole, as safely as the rest.
Result<void> show(Call& call) {
  const json::Value approval = TRY(approval_of(call));
  if (call.format == Format::Json) {
    show_record(call.world, call.format, approval);
    return {};
  }
  const auto lines_of = [&](std::string_view heading, const std::vector<std::string_view>& lines) {
    call.world.print(cat("\n", heading, "\n"));
    for (const std::string_view line : lines) call.world.print(cat("  ", printable(line, kContentBytesMax), "\n"));
  };
  const tuf::ChangeApproval document = TRY(document_of(call, approval));
  json::Object facts;
  for (const auto& [name, value] : *approval.object()) {
    if (name != "content" && name != "lets_in") facts.emplace_back(name, value);
  }
  show_record(call.world, call.format, facts);
  lines_of("It lets in:", {document.change.lets_in.begin(), document.change.lets_in.end()});
  const std::string content = in_words(approval.find("content"));
  const auto value = json::parse(as_bytes(content));
  const std::string shown = value ? json::dump_pretty(*value) : content;
  lines_of("Its content:", split(shown, '\n'));
  return {};
}

Result<void> draft(Call& call) {
  const tuf::ChangeApproval document = TRY(document_of(call, TRY(approval_of(call))));
  const tuf::Envelope envelope = TRY(tuf::make_change_approval(document));
  const std::string& file = call.text("--out");
  TRY(call.world.files.create(file, tuf::dump_envelope(envelope), Access::Everyone));
  show_done(call.world, call.format,
            cat("The approval of change ", document.change.number, " is in ", printable(file),
                ", unsigned. Have the release key's holders run\n  holdfast owner sign ", printable(file),
                " --dir DIR\nand then run\n  holdfast approval approve ", document.change.number, " ",
                to_hex(document.change.content_sha256), " --signed ", printable(file)));
  return {};
}

/// The approver says which content they have read; the number alone could name one that they have not.
Result<Digest256> content_read(const Call& call, const json::Value& approval) {
  const Digest256 digest = TRY(document_of(call, approval)).change.content_sha256;
  const std::string& prefix = call.text("SHA256");
  if (prefix.size() >= kDigestPrefixMin && to_hex(digest).starts_with(prefix)) return digest;
  return fail(Next::Conflict, kNotThatContent,
              cat("expected the first ", kDigestPrefixMin, " digits or more of the content's SHA-256 ", to_hex(digest),
                  ", saw '", printable(prefix, 64), "'"));
}

Result<void> approve(Call& call) {
  const json::Value approval = TRY(approval_of(call));
  json::Value order = json::Object{{"content_sha256", to_hex(TRY(content_read(call, approval)))}};
  if (call.arguments.has("--signed")) {
    const Blob document = TRY(read_file(call.world, call.text("--signed"), tuf::kEnvelopeBytesMax));
    order.set("signed_document", to_base64(document));
  }
  show_record(call.world, call.format,
              TRY(call.session.post(call.path("approvals", call.text("NUMBER"), "approve"), order)));
  return {};
}

Result<void> reject(Call& call) {
  show_record(call.world, call.format, TRY(call.session.post(call.path("approvals", call.text("NUMBER"), "reject"))));
  return {};
}

Command draft_command(World& world) {
  return in_catalog(
      world,
      {.path = "approval draft",
       .summary = "write a change to a file for the release key to sign, offline",
       .options = {kNumber, {.name = "--out", .value = "FILE", .help = "where to put it", .required = true}},
       .examples = "  holdfast approval draft 3 --out change-3.json\n"
                   "  holdfast owner sign change-3.json --dir owner",
       .run = {}},
      draft);
}

Command approve_command(World& world) {
  return in_catalog(
      world,
      {.path = "approval approve",
       .summary = "put a change in force, as a second operator, with the release key's signature, or both",
       .options = {kNumber,
                   {.name = "SHA256",
                    .value = "SHA256",
                    .help = "of the content that you have read: its first 8 digits or more",
                    .required = true},
                   {.name = "--signed", .value = "FILE", .help = "what approval draft wrote, signed"}},
       .examples = "  holdfast approval approve 3 5f2c81d0\n"
                   "  holdfast approval approve 3 5f2c81d0 --signed change-3.json",
       .run = {}},
      approve);
}

}  // namespace

std::vector<Command> approval(World& world) {
  return {group("approval", "changes that would loosen what a catalog trusts, and wait for somebody's word"),
          in_catalog(world,
                     {.path = "approval list",
                      .summary = "list the changes that wait",
                      .options = {{.name = "--all", .value = "", .help = "and those that were decided or expired"},
                                  limit_option()},
                      .examples = "  holdfast approval list\n  holdfast approval list --all --output json",
                      .run = {}},
                     list),
          in_catalog(world,
                     {.path = "approval show",
                      .summary = "show what a change lets in, and its whole content",
                      .options = {kNumber},
                      .examples = "  holdfast approval show 3",
                      .run = {}},
                     show),
          draft_command(world),
          approve_command(world),
          in_catalog(world,
                     {.path = "approval reject",
                      .summary = "turn a change down, or take back your own",
                      .options = {kNumber},
                      .examples = "  holdfast approval reject 3",
                      .run = {}},
                     reject)};
}

}  // namespace holdfast::cli::commands
