#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/roots.h"
#include "cli/owner/trust_policies.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Document;
using cli::owner::Folder;

constexpr Literal kRootLife = "3650d";
constexpr std::int64_t kKeysMax = 16;

const Option kFolder{.name = "--dir", .value = "DIR", .help = "the owner's folder", .required = true};
const Option kLife{.name = "--life", .value = "TIME", .help = "how long the root is valid", .otherwise = kRootLife};

json::Value record_of(World& world, const Folder& folder) {
  const tuf::Root& root = *folder.root();
  const tuf::Role& role = root.role(tuf::RoleName::Root);
  std::vector<tuf::KeyId> here;
  if (const auto keys = cli::owner::keys_in(world, folder.path())) {
    for (const auto& signer : *keys) {
      const auto key = cli::owner::public_key_of(*signer);
      if (!key) continue;
      if (const auto named = tuf::make_key(*key)) here.push_back(named->id);
    }
  }
  json::Array keys;
  for (const tuf::KeyId& id : role.key_ids) {
    keys.push_back(cat(id, std::ranges::find(here, id) != here.end() ? " (here)" : " (elsewhere)"));
  }
  return json::Object{{"root", root.version},
                      {"sha256_of_first_root", to_hex(folder.first_root_digest())},
                      {"expires", to_rfc3339(root.expires)},
                      {"threshold", role.threshold},
                      {"keys", std::move(keys)}};
}

Result<void> init(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const auto keys = TRY(integer_of(arguments, "--keys", 1, kKeysMax));
  const auto threshold = TRY(integer_of(arguments, "--threshold", 1, keys));
  const Duration life = TRY(duration_of(arguments, "--life"));
  const Folder folder =
      TRY(cli::owner::make_owner(world, arguments.text("--dir"), static_cast<std::size_t>(keys), threshold, life));
  show_record(world, format, record_of(world, folder));
  if (format == Format::Table) {
    world.print(
        "Whoever holds these keys owns the devices. Copy the folder to a place without a network; where there are\n"
        "several keys, give each to another holder.\n");
  }
  return {};
}

Result<void> show(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  show_record(world, format, record_of(world, folder));
  return {};
}

Result<void> renew(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  cli::owner::RootChange change;
  change.life = TRY(duration_of(arguments, "--life"));
  change.keys_added = static_cast<std::size_t>(TRY(integer_of(arguments, "--add-keys", 0, kKeysMax)));
  change.keys_dropped = arguments.texts("--drop-key");
  if (arguments.has("--threshold")) change.threshold = TRY(integer_of(arguments, "--threshold", 1, kKeysMax));
  show_done(world, format, TRY(cli::owner::draft_next_root(world, folder, change)));
  return {};
}

json::Value record_of(const Document& document) {
  json::Object out{{"document", name_of(document.kind)},
                   {"version", document.version},
                   {"expires", to_rfc3339(document.expires)},
                   {"signatures", static_cast<std::int64_t>(document.envelope.signatures.size())},
                   {"missing", missing(document)}};
  if (!document.catalog.empty()) out.emplace_back("catalog", document.catalog);
  if (!document.targets.empty()) {
    out.emplace_back("targets", json::Array(document.targets.begin(), document.targets.end()));
  }
  if (document.change) {
    out.emplace_back("kind", document.change->kind);
    out.emplace_back("subject", document.change->subject);
    out.emplace_back("content_sha256", to_hex(document.change->content_sha256));
    json::Array lets_in;
    for (const std::string& words : document.change->lets_in) lets_in.emplace_back(words);
    out.emplace_back("lets_in", std::move(lets_in));
  }
  return out;
}

Result<Document> read_document(World& world, const Folder& folder, const std::string& file) {
  const Blob bytes = TRY(world.files.read(file, tuf::kEnvelopeBytesMax));
  auto document = cli::owner::document_of(TRY(tuf::parse_envelope(bytes)), &*folder.root());
  if (!document) return fail_within(printable(file), std::move(document).error());
  return document;
}

Result<void> sign_file(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  const std::string& file = arguments.text("FILE");
  Document document = TRY(read_document(world, folder, file));
  cli::owner::Signers keys;
  for (const std::string& key : arguments.texts("--key")) {
    keys.push_back(TRY(cli::owner::read_signer(world, folder.path(), key)));
  }
  if (keys.empty()) keys = TRY(cli::owner::keys_in(world, folder.path()));
  TRY(sign(document, keys));
  TRY(world.files.write(file, tuf::dump_envelope(document.envelope), Access::Everyone));
  show_record(world, format, record_of(document));
  return {};
}

Result<void> adopt(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  const Blob document = TRY(read_file(world, arguments.text("FILE"), tuf::kEnvelopeBytesMax));
  const std::int64_t version = TRY(cli::owner::adopt_root(world, folder, document));
  show_done(world, format,
            cat("Root ", version, " is in force in ", printable(folder.path()),
                ". Each catalog gets it with holdfast owner publish, the image repository with holdfast release "
                "publish."));
  return {};
}

Result<void> publish_file(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--dir")));
  const Document document = TRY(read_document(call.world, folder, call.text("FILE")));
  TRY(publish(call.world, call.session, folder, call.catalog, document));
  show_done(
      call.world, call.format,
      cat("The ", name_of(document.kind), " (", document.version, ") is published to ", printable(call.catalog), "."));
  return {};
}

Command init_command(World& world) {
  return offline(
      world,
      {.path = "owner init",
       .summary = "make the owner's root keys and root metadata, in a folder outside of every service",
       .options = {{.name = "--dir", .value = "DIR", .help = "a folder, made where there is none", .required = true},
                   {.name = "--keys", .value = "N", .help = "how many root keys", .otherwise = "1"},
                   {.name = "--threshold", .value = "M", .help = "how many of them must sign", .otherwise = "1"},
                   kLife,
                   output_option()},
       .examples = "  holdfast owner init --dir owner\n  holdfast owner init --dir owner --keys 3 --threshold 2",
       .run = {}},
      init);
}

Command renew_command(World& world) {
  return offline(
      world,
      {.path = "owner renew",
       .summary = "draft the next root: a new end, other keys, another threshold",
       .options =
           {kFolder,
            kLife,
            {.name = "--add-keys", .value = "N", .help = "how many new keys", .otherwise = "0"},
            {.name = "--drop-key", .value = "ID", .help = "a key that shall hold no role any more", .repeated = true},
            {.name = "--threshold", .value = "M", .help = "how many must sign from then on"},
            output_option()},
       .examples = "  holdfast owner renew --dir owner --add-keys 1 --drop-key 3f2a…",
       .run = {}},
      renew);
}

Command sign_command(World& world) {
  return offline(world,
                 {.path = "owner sign",
                  .summary = "add a holder's signature to a document, after reading it",
                  .options = {{.name = "FILE",
                               .value = "FILE",
                               .help = "a root, a trust policy, metadata, or what approval draft wrote",
                               .required = true},
                              kFolder,
                              {.name = "--key",
                               .value = "FILE",
                               .help = "a key that lies elsewhere [those in the folder]",
                               .repeated = true},
                              output_option()},
                  .examples = "  holdfast owner sign trust-policy-2.draft.json --dir owner --key /media/stick/key.pem\n"
                              "  holdfast owner sign change-3.json --dir owner",
                  .run = {}},
                 sign_file);
}

}  // namespace

std::vector<Command> owner(World& world) {
  return {
      group("owner", "the owner's root keys, which never reach a service, and what they sign"),
      init_command(world),
      offline(world,
              {.path = "owner show",
               .summary = "verify the owner's roots and show the newest",
               .options = {kFolder, output_option()},
               .examples = "  holdfast owner show --dir owner",
               .run = {}},
              show),
      renew_command(world),
      sign_command(world),
      offline(
          world,
          {.path = "owner adopt",
           .summary = "take the next root, which has all its signatures, into the folder",
           .options = {{.name = "FILE", .value = "FILE", .help = "a root", .required = true}, kFolder, output_option()},
           .examples = "  holdfast owner adopt owner/2.root.draft.json --dir owner",
           .run = {}},
          adopt),
      in_catalog(world,
                 {.path = "owner publish",
                  .summary = "give a document that has all its signatures to the service",
                  .options = {{.name = "FILE", .value = "FILE", .help = "a root or a trust policy", .required = true},
                              kFolder},
                  .examples = "  holdfast owner publish owner/fleet/trust-policy-2.draft.json --dir owner",
                  .run = {}},
                 publish_file)};
}

}  // namespace holdfast::cli::commands
