#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/session/owner_link.h"

namespace holdfast::cli::commands {
namespace {

constexpr Reason kConfigThere{"config-there"};
constexpr std::size_t kTokenBytesMax = 512;

Result<OwnerLink> link_of(World& world, const Arguments& arguments) {
  if (arguments.has("LINK") == arguments.has("--link-file")) {
    return fail(Next::Rejected, kUsageWrong, "expected the owner link or --link-file, one of them");
  }
  if (arguments.has("LINK")) return parse_owner_link(arguments.text("LINK"));
  const Secret text = TRY(world.files.read_private(arguments.text("--link-file"), kOwnerLinkBytesMax));
  return parse_owner_link(as_text(text.expose()));
}

/// A token that is there already is not thrown away in passing.
Result<void> require_free(World& world, const Arguments& arguments, const std::string& file) {
  if (arguments.has("--replace")) return {};
  const auto there = world.files.read(file, kConfigBytesMax);
  if (!there && there.error().next == Next::NotFound) return {};
  if (!there) return std::unexpected(there.error());
  return fail(Next::Conflict, kConfigThere,
              cat("expected no configuration yet, saw one in ", printable(file),
                  "; name another with --config or replace it with --replace"));
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos || slash == 0 ? std::string() : file.substr(0, slash);
}

/// The default place is made; a place that somebody names must be there.
Result<void> prepare_place(World& world, const Arguments& arguments, const std::string& file) {
  if (arguments.has("--config") || folder_of(file).empty()) return {};
  return world.files.make_private_folder(folder_of(file));
}

Result<Config> redeem(World& world, const OwnerLink& link, const std::string& name) {
  const json::Value order = json::Object{{"secret", as_text(link.secret.expose())}, {"name", name}};
  ServiceCall call{.url = link.url,
                   .service_ca_sha256 = link.service_ca_sha256,
                   .method = "POST",
                   .path = path_of({"owner-link"}),
                   .token = {},
                   .body = to_blob(as_bytes(json::dump(order)))};
  const json::Value answer = TRY(parse_answer(TRY(accepted(TRY(world.service.call(call))))));
  wipe(call.body);
  auto fields = TRY(json::Fields::of(answer, "owner link"));
  std::string token = TRY(fields.text("token", kTokenBytesMax));
  Config config;
  config.url = link.url;
  config.service_ca_sha256 = link.service_ca_sha256;
  config.operator_name = name;
  config.token = Secret(as_bytes(token));
  wipe(token);
  return config;
}

Result<void> run_login(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const OwnerLink link = TRY(link_of(world, arguments));
  const std::string file = TRY(config_file(world, arguments));
  TRY(require_free(world, arguments, file));
  TRY(prepare_place(world, arguments, file));
  Session session(world, file, TRY(redeem(world, link, arguments.text("--name"))));
  TRY(session.save());
  show_done(world, format,
            cat("You are ", printable(session.config().operator_name), " at ", session.config().url,
                ". Address, CA and token are in ", printable(file), "."));
  return {};
}

}  // namespace

std::vector<Command> login(World& world) {
  return {offline(world,
                  {.path = "login",
                   .summary = "become the first operator of a service, by its one-time owner link",
                   .options = {{.name = "LINK", .value = "LINK", .help = "as the service printed it"},
                               {.name = "--link-file",
                                .value = "FILE",
                                .help = "read it from the 0600 file that the service left, and show it to nobody"},
                               {.name = "--name", .value = "NAME", .help = "what you are called", .otherwise = "owner"},
                               {.name = "--replace", .value = "", .help = "forget the configuration that is there"},
                               config_option(),
                               output_option()},
                   .examples = "  holdfast login 'https://127.0.0.1:8444/owner#ca=…&secret=…' --name ada\n"
                               "  holdfast login --link-file holdfast-data/owner-link",
                   .run = {}},
                  run_login)};
}

}  // namespace holdfast::cli::commands
