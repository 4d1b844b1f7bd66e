#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "cli/owner/authorities.h"
#include "cli/owner/trust_policies.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Folder;

constexpr std::size_t kKeyFileBytesMax = 16 * 1024;

const Option kName{.name = "NAME", .value = "NAME", .help = "the catalog's name", .required = true};
const Option kOwner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};
const std::vector<Column> kColumns = {{"NAME", "name"},
                                      {"STATE", "state"},
                                      {"NAMES", "name_form"},
                                      {"TWO APPROVERS", "two_approvers"},
                                      {"SIGNED POLICY", "signed_policy"},
                                      {"CREATED", "created_at"}};

/// The new catalog's keys to be certified. An earlier call may have been cut off: then those that wait still, or none
/// where only the trust policy is missing.
Result<std::optional<json::Value>> prepared_authorities(Call& call, const Folder& folder) {
  json::Value order = json::Object{{"name", call.catalog}, {"owner_root", to_base64(folder.roots().front())}};
  if (call.arguments.has("--spiffe")) order.set("trust_domain", call.text("--spiffe"));
  if (call.arguments.has("--two-approvers")) order.set("two_approvers", true);
  if (call.arguments.has("--signed-policy")) order.set("signed_policy", true);
  const auto created = call.session.post(path_of({"catalogs"}), order);
  if (created) {
    const json::Value* authorities = created->find("authorities");
    return authorities != nullptr ? *authorities : json::Value();
  }
  if (created.error().next != Next::Conflict) return std::unexpected(created.error());
  const json::Value there = TRY(call.session.get(call.path()));
  if (in_words(there.find("state")) == "preparing") return call.session.post(call.path("authorities"));
  const bool is_whole = TRY(trust_policy_in_force(call.world, call.session, folder, call.catalog)).has_value();
  if (is_whole) return std::unexpected(created.error());
  return std::nullopt;
}

Result<void> put_authorities(Call& call, const Folder& folder, const json::Value& prepared) {
  const json::Value certified = TRY(certify_authorities(call.world, folder, call.catalog, prepared));
  TRY(call.session.put(call.path("authorities"), certified));
  return {};
}

/// A catalog begins with the owner's first root; the later ones follow, those that are there already left out.
Result<void> publish_later_roots(Call& call, const Folder& folder) {
  if (folder.roots().size() == 1) return {};
  const json::Value documents = TRY(call.session.get(call.path("owner-documents")));
  const json::Value* roots = documents.find("roots");
  const std::size_t there = roots != nullptr && roots->array() != nullptr ? roots->array()->size() : 0;
  for (std::size_t i = there; i < folder.roots().size(); ++i) {
    TRY(call.session.put(call.path("root"), json::Object{{"document", to_base64(folder.roots()[i])}}));
  }
  return {};
}

Result<void> read_owner_gone(Call& call, tuf::TrustPolicy& policy) {
  const std::string& word = call.text("--owner-gone");
  const bool has_heir = call.arguments.has("--heir");
  for (const auto rule : {tuf::OwnerGone::Nothing, tuf::OwnerGone::PhysicalPresence, tuf::OwnerGone::HeirKey}) {
    if (word != name_of(rule) || has_heir != (rule == tuf::OwnerGone::HeirKey)) continue;
    policy.owner_gone = rule;
    if (!has_heir) return {};
    const Blob pem = TRY(call.world.files.read(call.text("--heir"), kKeyFileBytesMax));
    const Blob spki = TRY(tuf::spki_from_pem(as_text(pem)));
    policy.heir = TRY(tuf::make_key(TRY(trust::crypto::PublicKey::from_spki(spki))));
    return {};
  }
  return fail(Next::Rejected, kUsageWrong,
              cat("expected --owner-gone nothing, physical-presence, or heir-key with --heir FILE, saw '",
                  printable(word, 40), "'"));
}

Result<std::string> first_policy(Call& call, const Folder& folder) {
  if (TRY(trust_policy_in_force(call.world, call.session, folder, call.catalog))) {
    return std::string("Its trust policy was there already.");
  }
  auto policy = TRY(cli::owner::first_trust_policy(call.world, call.session, call.catalog));
  TRY(read_owner_gone(call, policy));
  return issue(call.world, call.session, folder, policy);
}

Result<void> remember(Call& call, const Folder& folder) {
  Config& config = call.session.config();
  config.catalogs[call.catalog].owner_root = folder.first_root_digest();
  config.catalog = call.catalog;
  return call.session.save();
}

Result<void> create(Call& call) {
  call.catalog = call.text("NAME");
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  tuf::TrustPolicy trial;
  TRY(read_owner_gone(call, trial));
  TRY(folder.make_catalog_folder(call.world.files, call.catalog));
  const auto prepared = TRY(prepared_authorities(call, folder));
  if (prepared) {
    TRY(publish_later_roots(call, folder));
    TRY(put_authorities(call, folder, *prepared));
  }
  TRY(remember(call, folder));
  const std::string policy = TRY(first_policy(call, folder));
  show_done(call.world, call.format,
            cat("The catalog ", call.catalog, " is ready. Relying services are given ",
                folder.file_of(call.catalog, "client-root.pem"), " and client-root.crl beside it.\n", policy));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, path_of({"catalogs"}))), kColumns);
  return {};
}

Result<void> show(Call& call) {
  call.catalog = call.text("NAME");
  show_record(call.world, call.format, TRY(call.session.get(call.path())));
  return {};
}

Result<void> use(Call& call) {
  call.catalog = call.text("NAME");
  TRY(call.session.get(call.path()));
  call.session.config().catalog = call.catalog;
  TRY(call.session.save());
  show_done(call.world, call.format, cat("Commands without --catalog are about ", call.catalog, " now."));
  return {};
}

Result<void> set_rules(Call& call) {
  call.catalog = call.text("NAME");
  json::Value order = json::Object{};
  for (const auto& [option, member] :
       {std::pair("--two-approvers", "two_approvers"), {"--signed-policy", "signed_policy"}}) {
    if (!call.arguments.has(option)) continue;
    const std::string& word = call.text(option);
    if (word != "on" && word != "off") {
      return fail(Next::Rejected, kUsageWrong, cat("expected ", option, " on or off, saw '", printable(word, 40), "'"));
    }
    order.set(member, word == "on");
  }
  if (order.object()->empty()) {
    return fail(Next::Rejected, kUsageWrong, "expected --two-approvers or --signed-policy, on or off, saw neither");
  }
  const json::Value answer = TRY(call.session.put(call.path("approval-rules"), order));
  if (!show_waiting(call, answer)) show_record(call.world, call.format, answer);
  return {};
}

Command rules_command(World& world) {
  return in_service(
      world,
      {.path = "catalog approval-rules",
       .summary = "say what the catalog asks for before anything that it trusts is loosened; asking for less is such a "
                  "change",
       .options = {kName,
                   {.name = "--two-approvers", .value = "on|off", .help = "a second operator's word"},
                   {.name = "--signed-policy", .value = "on|off", .help = "the release key's signature"}},
       .examples = "  holdfast catalog approval-rules fleet --two-approvers on --signed-policy on",
       .run = {}},
      set_rules);
}

Command create_command(World& world) {
  return in_service(
      world,
      {.path = "catalog create",
       .summary = "make a catalog: certify its CAs under roots that stay in the owner's folder, sign its trust policy",
       .options = {kName,
                   kOwner,
                   {.name = "--spiffe",
                    .value = "TRUST-DOMAIN",
                    .help = "name devices spiffe://…; else urn:holdfast:…; for the catalog's whole life"},
                   {.name = "--two-approvers", .value = "", .help = "a second operator approves what loosens"},
                   {.name = "--signed-policy", .value = "", .help = "the release key signs what loosens"},
                   {.name = "--owner-gone",
                    .value = "RULE",
                    .help = "how a device is freed when nobody can sign: nothing, physical-presence, heir-key",
                    .otherwise = "nothing"},
                   {.name = "--heir", .value = "FILE", .help = "the heir's public key in PEM, with heir-key"}},
       .examples = "  holdfast catalog create fleet --owner owner\n"
                   "  holdfast catalog create fleet --owner owner --spiffe example.com --two-approvers --signed-policy",
       .run = {}},
      create);
}

}  // namespace

std::vector<Command> catalog(World& world) {
  return {group("catalog", "everything one owner has; the tenancy boundary"),
          create_command(world),
          rules_command(world),
          in_service(world,
                     {.path = "catalog list",
                      .summary = "list the catalogs that this operator may see",
                      .options = {limit_option()},
                      .examples = "  holdfast catalog list --output json",
                      .run = {}},
                     list),
          in_service(world,
                     {.path = "catalog show",
                      .summary = "show one catalog",
                      .options = {kName},
                      .examples = "  holdfast catalog show fleet",
                      .run = {}},
                     show),
          in_service(world,
                     {.path = "catalog use",
                      .summary = "say which catalog commands are about where --catalog is left out",
                      .options = {kName},
                      .examples = "  holdfast catalog use fleet",
                      .run = {}},
                     use)};
}

}  // namespace holdfast::cli::commands
