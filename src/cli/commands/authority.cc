#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/authorities.h"
#include "cli/owner/trust_policies.h"

namespace holdfast::cli::commands {
namespace {

using cli::owner::Folder;
using trust::x509::Authority;

const Option kOwner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};
const Option kWhich{
    .name = "WHICH", .value = "client|update|both|unattested", .help = "which authority", .required = true};
const std::vector<Column> kColumns = {
    {"AUTHORITY", "authority"},    {"NUMBER", "number"},         {"STATE", "state"},
    {"IN FORCE", "in_force_at"},   {"ENDS", "not_after"},        {"CERTIFICATES", "certificates"},
    {"LAST ENDS", "last_ends_at"}, {"MAY RETIRE", "may_retire"}, {"KEY IN", "key_in"},
    {"ENDED", "ended_at"},         {"REASON", "reason"}};

std::string_view word_of(Authority authority) { return trust::x509::name_of(authority); }

Result<std::vector<Authority>> chosen(const Call& call) {
  const std::string& word = call.text("WHICH");
  if (word == "client") return std::vector{Authority::Client};
  if (word == "update") return std::vector{Authority::Update};
  if (word == "both") return std::vector{Authority::Client, Authority::Update};
  if (word == "unattested") return std::vector{Authority::Unattested};
  return fail(Next::Rejected, kUsageWrong,
              cat("expected client, update, both or unattested, saw '", printable(word, 40), "'"));
}

bool is(const json::Value& item, Authority authority, std::string_view state) {
  return in_words(item.find("authority")) == word_of(authority) && in_words(item.find("state")) == state;
}

std::string name_of(Authority authority, const json::Value& item) {
  return cat("the ", word_of(authority), " CA ", printable(in_words(item.find("number")), 20));
}

const json::Value* find_in(const json::Array& all, Authority authority, std::string_view state) {
  for (const json::Value& item : all) {
    if (is(item, authority, state)) return &item;
  }
  return nullptr;
}

Result<json::Array> all_authorities(Call& call) { return call.session.list(call.path("authorities")); }

/// The roots of another owner under this catalog's name would be refused only after they had been made.
Result<Folder> folder_of_catalog(Call& call) {
  Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  TRY(cli::owner::trust_policy_in_force(call.world, call.session, folder, call.catalog));
  return folder;
}

/// From the service's key to a certificate that it has. Cut off anywhere, it is the same key the next time.
Result<std::string> certify_next(Call& call, const Folder& folder, Authority authority) {
  const json::Value prepared = TRY(call.session.post(call.path("authorities", word_of(authority), "prepare")));
  json::Value order = TRY(cli::owner::certify_authority(call.world, folder, call.catalog, authority, prepared));
  order.set("announce", call.text("--announce"));
  const json::Value made = TRY(call.session.put(call.path("authorities", word_of(authority), "certificate"), order));
  const std::string name = name_of(authority, made);
  if (in_words(made.find("state")) == "in-force") return cat(name, " is in force.");
  return cat(name, " is announced, and in force from ", printable(in_words(made.find("in_force_at")), 40), ".");
}

std::string planned(const Call& call, const json::Array& all, Authority authority) {
  if (find_in(all, authority, "in-force") == nullptr) {
    return cat("A next ", word_of(authority), " CA would be made, certified by the root in ", call.text("--owner"),
               ", and in force at once: there is none.");
  }
  return cat("A next ", word_of(authority), " CA would be made, certified by the root in ", call.text("--owner"),
             ", announced for ", call.text("--announce"), " and then in force; ",
             name_of(authority, *find_in(all, authority, "in-force")), " would stay until what it issued has ended.");
}

Result<std::string> rotate_one(Call& call, const Folder& folder, const json::Array& all, Authority authority) {
  if (const json::Value* announced = find_in(all, authority, "announced")) {
    return cat(name_of(authority, *announced), " is announced already, and in force from ",
               printable(in_words(announced->find("in_force_at")), 40), ".");
  }
  if (call.arguments.has("--dry-run")) return planned(call, all, authority);
  return certify_next(call, folder, authority);
}

Result<void> rotate(Call& call) {
  const auto which = TRY(chosen(call));
  const Folder folder = TRY(folder_of_catalog(call));
  const json::Array all = TRY(all_authorities(call));
  std::vector<std::string> said;
  for (const Authority authority : which) said.push_back(TRY(rotate_one(call, folder, all, authority)));
  show_done(call.world, call.format, join(said, "\n"));
  return {};
}

Result<void> show(Call& call) {
  json::Array all = TRY(all_authorities(call));
  show_list(call.world, call.format, all, kColumns);
  return {};
}

Result<void> retire(Call& call) {
  const auto which = TRY(chosen(call));
  std::vector<std::string> said;
  for (const json::Value& item : TRY(all_authorities(call))) {
    for (const Authority authority : which) {
      const bool is_past = is(item, authority, "overlapping") || is(item, authority, "expired");
      if (!is_past) continue;
      const json::Value* may_retire = item.find("may_retire");
      if (may_retire == nullptr || may_retire->boolean() == nullptr || !*may_retire->boolean()) {
        said.push_back(cat(name_of(authority, item), " stays: what it issued ends at ",
                           printable(in_words(item.find("last_ends_at")), 40), "."));
        continue;
      }
      TRY(call.session.post(call.path("authorities", word_of(authority), in_words(item.find("number")), "retire")));
      said.push_back(cat(name_of(authority, item), " is retired: its key is destroyed, its certificate kept."));
    }
  }
  if (said.empty()) said.emplace_back("There is no authority that another one has replaced.");
  show_done(call.world, call.format, join(said, "\n"));
  return {};
}

/// Asks until the service has ended every certificate; it answers after some thousand.
Result<std::int64_t> end_all(Call& call, Authority authority, const std::string& number) {
  std::int64_t ended = 0;
  while (true) {
    const json::Value answer = TRY(call.session.post(call.path("authorities", word_of(authority), number, "distrust"),
                                                     json::Object{{"reason", call.text("--reason")}}));
    auto fields = TRY(json::Fields::of(answer, "distrust"));
    ended += TRY(fields.integer("superseded", 0, 1'000'000'000));
    if (!TRY(fields.boolean("left"))) return ended;
    if (call.format == Format::Table) call.world.print(cat(ended, " certificates ended so far …\n"));
  }
}

Result<void> distrust(Call& call) {
  const auto which = TRY(chosen(call));
  if (which.size() != 1) return fail(Next::Rejected, kUsageWrong, "expected client or update, saw both");
  const Authority authority = which.front();
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  const std::int64_t number = TRY(integer_of(call.arguments, "NUMBER", 1, 99'999));
  // First what does not depend on the service, which may be what was broken into.
  const std::string list = TRY(cli::owner::distrust_authority(call.world, folder, call.catalog, authority, number));
  TRY(cli::owner::trust_policy_in_force(call.world, call.session, folder, call.catalog));
  const std::int64_t ended = TRY(end_all(call, authority, cat(number)));
  const json::Array all = TRY(all_authorities(call));
  std::string next;
  if (find_in(all, authority, "in-force") == nullptr) next = TRY(certify_next(call, folder, authority));
  const std::string hand_out =
      authority == Authority::Client ? cat("\nGive every relying service ", list, " now.") : "";
  show_done(call.world, call.format,
            cat("The ", word_of(authority), " CA ", number, " is distrusted, and ", ended,
                " certificates of it are ended; their devices attest anew.", hand_out, next.empty() ? "" : "\n", next));
  return {};
}

const Option kAnnounce{.name = "--announce",
                       .value = "DURATION",
                       .help = "how long relying services can fetch its list before it issues; 10min to 90d",
                       .otherwise = "15min"};

}  // namespace

std::vector<Command> authority(World& world) {
  return {
      group("authority", "the issuing CAs of a catalog: their keys in the service, their roots with the owner"),
      in_catalog(world,
                 {.path = "authority show",
                  .summary = "show every issuing CA, what it has out there, and whether it may be retired",
                  .options = {},
                  .examples = "  holdfast authority show --catalog fleet",
                  .run = {}},
                 show),
      in_catalog(world,
                 {.path = "authority rotate",
                  .summary = "make the next issuing CA, certify it under the owner's root, and announce it",
                  .options = {kWhich,
                              kOwner,
                              kAnnounce,
                              {.name = "--dry-run", .value = "", .help = "say what would happen, and do nothing"}},
                  .examples = "  holdfast authority rotate both --owner owner\n"
                              "  holdfast authority rotate client --owner owner --announce 60d",
                  .run = {}},
                 rotate),
      in_catalog(world,
                 {.path = "authority retire",
                  .summary = "destroy the keys of replaced issuing CAs of which every certificate has ended",
                  .options = {kWhich},
                  .examples = "  holdfast authority retire both",
                  .run = {}},
                 retire),
      in_catalog(world,
                 {.path = "authority distrust",
                  .summary = "end an issuing CA and all that it issued at once: its key is in wrong hands",
                  .options = {kWhich,
                              {.name = "NUMBER", .value = "NUMBER", .help = "of the CA", .required = true},
                              kOwner,
                              {.name = "--reason", .value = "TEXT", .help = "for the audit", .required = true},
                              kAnnounce},
                  .examples = "  holdfast authority distrust client 3 --owner owner --reason 'stolen with its server'",
                  .run = {}},
                 distrust)};
}

}  // namespace holdfast::cli::commands
