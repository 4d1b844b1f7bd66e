#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/trust_policies.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Folder;

constexpr std::size_t kKeyBytesMax = 1024;
constexpr std::size_t kKeyFileBytesMax = 16 * 1024;

Result<tuf::Key> key_of(Bytes spki) { return tuf::make_key(TRY(trust::crypto::PublicKey::from_spki(spki))); }

/// The key that the service made for this, or another one of it.
Result<tuf::Key> service_key(Call& call) {
  const json::Value order = json::Object{{"renew", call.arguments.has("--renew")}};
  const json::Value answer = TRY(call.session.post(call.path("director"), order));
  auto fields = TRY(json::Fields::of(answer, "director"));
  return key_of(TRY(fields.base64("public_key", kKeyBytesMax)));
}

Result<void> appoint(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  tuf::Director director;
  director.keys.push_back(TRY(service_key(call)));
  for (const std::string& file : call.arguments.texts("--offline-key")) {
    const Blob pem = TRY(call.world.files.read(file, kKeyFileBytesMax));
    director.keys.push_back(TRY(key_of(TRY(tuf::spki_from_pem(as_text(pem))))));
  }
  for (const tuf::Key& key : director.keys) director.role.key_ids.push_back(key.id);
  policy.director = std::move(director);
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

Result<void> dismiss(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  if (!policy.director) {
    show_done(call.world, call.format, "No director was named.");
    return {};
  }
  policy.director.reset();
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

}  // namespace

std::vector<Command> director(World& world) {
  const Option owner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};
  return {group("director", "who says which of the released images each device is to have"),
          in_catalog(world,
                     {.path = "director appoint",
                      .summary = "name the service's director in the trust policy; devices then follow its deployments",
                      .options = {owner,
                                  {.name = "--renew", .value = "", .help = "have the service make another key first"},
                                  {.name = "--offline-key",
                                   .value = "FILE",
                                   .help = "a public key (PEM) that may direct devices without a network, too",
                                   .repeated = true}},
                      .examples = "  holdfast director appoint --catalog fleet --owner owner",
                      .run = {}},
                     appoint),
          in_catalog(world,
                     {.path = "director dismiss",
                      .summary = "name nobody: devices take no updates",
                      .options = {owner},
                      .examples = "  holdfast director dismiss --owner owner",
                      .run = {}},
                     dismiss)};
}

}  // namespace holdfast::cli::commands
