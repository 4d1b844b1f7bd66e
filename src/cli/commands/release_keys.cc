#include "base/text.h"
#include "cli/commands/release_call.h"
#include "cli/owner/roots.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Document;
using cli::owner::Folder;

constexpr std::int64_t kKeysMax = 16;

const Option kRole{.name = "ROLE", .value = "ROLE", .help = "root, targets, snapshot or timestamp", .required = true};
const Option kPublicKeys{.name = "--key",
                         .value = "FILE",
                         .help = "a public key that was made elsewhere (holdfast release make-key)",
                         .repeated = true};
const Option kToken{.name = "--token", .value = "URI", .help = "make the key in this token (pkcs11:…), not in a file"};
const Option kTokenPin{.name = "--token-pin", .value = "FILE", .help = "the token's PIN, where the URI names none"};
const Option kThreshold{.name = "--threshold", .value = "M", .help = "how many must sign from then on"};
const Option kRootLife{
    .name = "--life", .value = "TIME", .help = "how long the next root is valid", .otherwise = "3650d"};

cli::owner::NewKey new_key_in(const Arguments& arguments, const std::string& role) {
  cli::owner::NewKey out{.role = role};
  if (arguments.has("--token")) out.token = arguments.text("--token");
  if (arguments.has("--token-pin")) out.token_pin = arguments.text("--token-pin");
  return out;
}

Result<void> make_key(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const std::string& folder = arguments.text("--dir");
  const auto made = TRY(cli::owner::make_key(world, folder, new_key_in(arguments, arguments.text("NAME"))));
  const std::string stem = made.file.substr(0, made.file.rfind('.'));
  show_done(
      world, format,
      cat("The key is in ", made.file, ", its public half in ", stem, ".pub: give that to whoever gives it a role."));
  return {};
}

/// Those that are named, and as many new ones as are asked for.
Result<std::vector<trust::crypto::PublicKey>> keys_for(World& world, const Folder& folder, const Arguments& arguments,
                                                       std::int64_t made_here) {
  std::vector<trust::crypto::PublicKey> out;
  for (const std::string& file : arguments.texts("--key")) {
    out.push_back(TRY(cli::owner::read_public_key(world.files, file)));
  }
  for (std::int64_t i = 0; i < made_here; ++i) {
    const auto made = TRY(cli::owner::make_key(world, folder.path(), new_key_in(arguments, arguments.text("ROLE"))));
    out.push_back(TRY(cli::owner::public_key_of(*made.signer)));
  }
  return out;
}

Result<void> change_role(World& world, const Arguments& arguments, bool replaces, std::int64_t made_here) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  cli::owner::RoleChange change;
  change.role = TRY(role_name_of(arguments.text("ROLE")));
  change.replaces = replaces;
  if (arguments.has("--threshold")) change.threshold = TRY(integer_of(arguments, "--threshold", 1, kKeysMax));
  change.keys = TRY(keys_for(world, folder, arguments, made_here));
  const Duration life = TRY(duration_of(arguments, "--life"));
  show_done(world, format, TRY(cli::owner::draft_role(world, folder, change, life)));
  return {};
}

/// Without a key that is named, one is made.
Result<void> add_key(World& world, const Arguments& arguments) {
  return change_role(world, arguments, false, arguments.has("--key") ? 0 : 1);
}

Result<void> rotate(World& world, const Arguments& arguments) {
  const bool asks = arguments.has("--new-keys") || !arguments.has("--key");
  const std::int64_t made_here = asks ? TRY(integer_of(arguments, "--new-keys", 0, kKeysMax)) : 0;
  return change_role(world, arguments, true, made_here);
}

Result<Document> document_in(World& world, const Folder& folder, const Arguments& arguments, Bytes bytes) {
  tuf::Envelope envelope = TRY(tuf::parse_envelope(bytes, tuf::kTargetsBytesMax));
  const std::string& role = arguments.text("--role");
  if (role == release::kTopRole) return cli::owner::document_of(std::move(envelope), &*folder.root());
  if (!arguments.has("--repository")) {
    return fail(Next::Rejected, kUsageWrong, "expected --repository with --role, saw none");
  }
  const auto repository = TRY(release::Repository::open(world.files, folder, arguments.text("--repository")));
  return cli::owner::document_of_delegated(std::move(envelope), repository.top(), role);
}

Result<void> sign_draft(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  const std::string& file = arguments.text("FILE");
  const Blob bytes = TRY(read_file(world, file, tuf::kTargetsBytesMax));
  auto document = document_in(world, folder, arguments, bytes);
  if (!document) return fail_within(printable(file), std::move(document).error());
  cli::owner::Signers keys;
  for (const std::string& key : arguments.texts("--key")) {
    keys.push_back(TRY(cli::owner::read_signer(world, folder.path(), key)));
  }
  if (keys.empty()) keys = TRY(cli::owner::keys_in(world, folder.path()));
  TRY(sign(*document, keys));
  TRY(world.files.write(file, tuf::dump_envelope(document->envelope), Access::Everyone));
  show_record(world, format,
              json::Object{{"document", name_of(document->kind)},
                           {"version", document->version},
                           {"expires", to_rfc3339(document->expires)},
                           {"targets", json::Array(document->targets.begin(), document->targets.end())},
                           {"missing", missing(*document)}});
  return {};
}

Command make_key_command(World& world) {
  return offline(
      world,
      {.path = "release make-key",
       .summary = "make a key for a role, in a file or in a token, on the machine of whoever holds it",
       .options = {{.name = "NAME", .value = "NAME", .help = "the role that it is for", .required = true},
                   {.name = "--dir", .value = "DIR", .help = "made where there is none", .required = true},
                   kToken,
                   kTokenPin,
                   output_option()},
       .examples = "  holdfast release make-key targets --dir desk\n"
                   "  holdfast release make-key targets --dir desk --token pkcs11:token=desk --token-pin pin",
       .run = {}},
      make_key);
}

Command sign_command(World& world) {
  return offline(
      world,
      {.path = "release sign",
       .summary = "add a holder's signatures to a draft of the repository's metadata, after reading it",
       .options = {{.name = "FILE", .value = "FILE", .help = "what release publish wrote", .required = true},
                   owner_option(),
                   {.name = "--key",
                    .value = "FILE",
                    .help = "a key that lies elsewhere [those in the folder]",
                    .repeated = true},
                   role_option(),
                   {.name = "--repository", .value = "DIR", .help = "with --role: a copy of the repository"},
                   output_option()},
       .examples = "  holdfast release sign targets.draft.json --dir owner --key /media/stick/targets-key-1.pem",
       .run = {}},
      sign_draft);
}

}  // namespace

std::vector<Command> release_keys(World& world) {
  return {
      make_key_command(world),
      offline(
          world,
          {.path = "release add-key",
           .summary = "draft the next root with one more key for a role; without --key it is made here",
           .options = {kRole, owner_option(), kPublicKeys, kToken, kTokenPin, kThreshold, kRootLife, output_option()},
           .examples = "  holdfast release add-key targets --key desk/targets-key-1.pub --dir owner\n"
                       "  holdfast release add-key targets --dir owner --threshold 2",
           .run = {}},
          add_key),
      offline(world,
              {.path = "release rotate",
               .summary = "draft the next root with other keys for a role in place of all that it has",
               .options = {kRole,
                           owner_option(),
                           kPublicKeys,
                           {.name = "--new-keys", .value = "N", .help = "how many are made here", .otherwise = "1"},
                           kToken,
                           kTokenPin,
                           kThreshold,
                           kRootLife,
                           output_option()},
               .examples = "  holdfast release rotate timestamp --dir owner\n"
                           "  holdfast release rotate targets --key ada.pub --key bob.pub --threshold 2 --dir owner",
               .run = {}},
              rotate),
      sign_command(world)};
}

}  // namespace holdfast::cli::commands
