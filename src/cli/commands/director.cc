#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/release_call.h"
#include "cli/owner/trust_policies.h"
#include "cli/release/offline_words.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using cli::owner::Folder;

constexpr std::size_t kKeyBytesMax = 1024;

Result<tuf::Key> key_of(Bytes spki) { return tuf::make_key(TRY(trust::crypto::PublicKey::from_spki(spki))); }

/// The key that the service made for this, or another one of it.
Result<tuf::Key> service_key(Call& call) {
  const json::Value order = json::Object{{"renew", call.arguments.has("--renew")}};
  const json::Value answer = TRY(call.session.post(call.path("director"), order));
  auto fields = TRY(json::Fields::of(answer, "director"));
  return key_of(TRY(fields.base64("public_key", kKeyBytesMax)));
}

Result<tuf::OfflineDirector> offline_director_in(const Call& call) {
  tuf::OfflineDirector out;
  for (const std::string& file : call.arguments.texts("--offline-key")) {
    out.director.keys.push_back(TRY(tuf::make_key(TRY(cli::owner::read_public_key(call.world.files, file)))));
    out.director.role.key_ids.push_back(out.director.keys.back().id);
  }
  if (call.arguments.has("--offline-threshold")) {
    const auto keys = static_cast<std::int64_t>(out.director.keys.size());
    out.director.role.threshold = TRY(integer_of(call.arguments, "--offline-threshold", 1, keys));
  }
  if (call.arguments.has("--confirm-offline-after")) {
    out.confirm_after = TRY(duration_of(call.arguments, "--confirm-offline-after"));
  }
  return out;
}

Result<void> appoint(Call& call) {
  const bool is_offline = call.arguments.has("--offline-key");
  if (!is_offline && (call.arguments.has("--offline-threshold") || call.arguments.has("--confirm-offline-after"))) {
    return fail(Next::Rejected, kUsageWrong, "expected --offline-key with what is said of it, saw none");
  }
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  tuf::Director director;
  director.keys.push_back(TRY(service_key(call)));
  for (const tuf::Key& key : director.keys) director.role.key_ids.push_back(key.id);
  policy.director = std::move(director);
  if (is_offline) policy.offline_director = TRY(offline_director_in(call));
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

Result<void> dismiss(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  auto policy = TRY(next_trust_policy(call.world, call.session, folder, call.catalog));
  const bool has_online = policy.director && !call.arguments.has("--offline");
  if (!has_online && !policy.offline_director) {
    show_done(call.world, call.format, "No such director was named.");
    return {};
  }
  if (has_online) policy.director.reset();
  policy.offline_director.reset();
  show_done(call.world, call.format, TRY(issue(call.world, call.session, folder, policy)));
  return {};
}

Result<tuf::Audience> audience_in(const Arguments& arguments) {
  tuf::Audience out;
  if (arguments.has("--device")) out.device = arguments.text("--device");
  if (arguments.has("--product")) out.product = arguments.text("--product");
  if (arguments.has("--device-group")) out.device_group = arguments.text("--device-group");
  const bool is_plain = out.product.empty() == out.device_group.empty() && (out.device.empty() || out.product.empty());
  if (is_plain) return out;
  return fail(Next::Rejected, kUsageWrong,
              "expected --device, or --product with --device-group, or none of them for every device");
}

Result<void> sign_offline(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  release::WordWanted wanted;
  wanted.catalog = arguments.text("--catalog");
  wanted.audience = TRY(audience_in(arguments));
  wanted.images = arguments.texts("IMAGE");
  wanted.life = TRY(duration_of(arguments, "--life"));
  const Folder folder = TRY(Folder::open(world.files, arguments.text("--dir")));
  const auto repository = TRY(release::Repository::open(world.files, folder, arguments.text("--repository")));
  cli::owner::Signers keys;
  for (const std::string& key : arguments.texts("--key")) {
    keys.push_back(TRY(cli::owner::read_signer(world, folder.path(), key)));
  }
  if (keys.empty()) keys = TRY(cli::owner::keys_in(world, folder.path()));
  const auto word = TRY(release::direct_offline(world, folder, repository, keys, wanted));
  show_done(world, format,
            cat("Word ", word.version, " for ", tuf::in_words(word.audience), " of ", printable(word.catalog),
                " names ", word.images.size(), " images until ", to_rfc3339(word.expires), ". It is in ",
                printable(repository.path()), "; carry that to the devices, or a bundle of it."));
  return {};
}

Command sign_command(World& world) {
  return offline(
      world,
      {.path = "director sign",
       .summary = "say what devices are to have that no service reaches, with the offline director's keys",
       .options =
           {{.name = "IMAGE",
             .value = "PATH",
             .help = "COMPONENT/VERSION/image of the repository; all that they are to have",
             .required = true,
             .repeated = true},
            {.name = "--catalog", .value = "NAME", .help = "whose devices", .required = true},
            {.name = "--device", .value = "NAME", .help = "this device alone"},
            {.name = "--product", .value = "NAME", .help = "a device group of this product alone"},
            {.name = "--device-group", .value = "NAME", .help = "which one"},
            repository_option(),
            owner_option(),
            {.name = "--key",
             .value = "FILE",
             .help = "a key that lies elsewhere [those in the folder]",
             .repeated = true},
            {.name = "--life", .value = "TIME", .help = "how long it is good, a year at most", .otherwise = "90d"},
            output_option()},
       .examples =
           "  holdfast director sign os/2.0/image door/2.0/image --catalog fleet --repository images --dir owner\n"
           "  holdfast director sign os/2.0/image --catalog fleet --device hf-5qz1-8kdm-2x7c-p0aw --repository images "
           "--dir owner",
       .run = {}},
      sign_offline);
}

}  // namespace

std::vector<Command> director(World& world) {
  const Option owner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};
  return {
      group("director", "who says which of the released images each device is to have"),
      in_catalog(world,
                 {.path = "director appoint",
                  .summary = "name the service's director in the trust policy; devices then follow its deployments",
                  .options = {owner,
                              {.name = "--renew", .value = "", .help = "have the service make another key first"},
                              {.name = "--offline-key",
                               .value = "FILE",
                               .help = "a public key (PEM) whose word counts where it is carried to a device",
                               .repeated = true},
                              {.name = "--offline-threshold", .value = "M", .help = "how many of these must sign [1]"},
                              {.name = "--confirm-offline-after",
                               .value = "TIME",
                               .help = "devices keep what was carried to them once it ran so long, 10s to 24h, though "
                                       "no service was reached [they keep it once one was]"}},
                  .examples = "  holdfast director appoint --catalog fleet --owner owner",
                  .run = {}},
                 appoint),
      in_catalog(world,
                 {.path = "director dismiss",
                  .summary = "name nobody: devices take no updates",
                  .options = {owner, {.name = "--offline", .value = "", .help = "the offline director alone"}},
                  .examples = "  holdfast director dismiss --owner owner",
                  .run = {}},
                 dismiss),
      sign_command(world)};
}

}  // namespace holdfast::cli::commands
