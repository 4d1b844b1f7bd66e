#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

constexpr std::size_t kTokenBytesMax = 512;

/// The token goes into a configuration for its operator and is shown to nobody.
Result<void> add(Call& call) {
  const std::string& name = call.text("NAME");
  json::Value order = json::Object{{"name", name}, {"scope", call.text("--scope")}};
  if (call.arguments.has("--only")) order.set("catalog", call.text("--only"));
  if (call.arguments.has("--life")) {
    const Duration life = TRY(duration_of(call.arguments, "--life"));
    order.set("expires_at", to_rfc3339(call.world.clock.wall_time() + life));
  }
  const json::Value answer = TRY(call.session.post(path_of({"operators"}), order));
  auto fields = TRY(json::Fields::of(answer, "operator"));
  std::string token = TRY(fields.text("token", kTokenBytesMax));
  Config config;
  config.url = call.session.config().url;
  config.service_ca_sha256 = call.session.config().service_ca_sha256;
  config.operator_name = name;
  config.token = Secret(as_bytes(token));
  config.catalog = call.text("--only");
  wipe(token);
  const std::string& file = call.text("--out");
  TRY(call.world.files.write(file, dump_config(config).expose(), Access::OwnerOnly));
  show_done(call.world, call.format,
            cat(printable(name), " may begin with --config ", printable(file), ", which holds the token."));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, path_of({"operators"}), {"--scope", "--state"})),
            {{"NAME", "name"},
             {"SCOPE", "scope"},
             {"CATALOG", "catalog"},
             {"EXPIRES", "expires_at"},
             {"REVOKED", "revoked_at"},
             {"CREATED BY", "created_by"},
             {"CREATED", "created_at"}});
  return {};
}

Result<void> revoke(Call& call) {
  const std::string& name = call.text("NAME");
  TRY(call.session.erase(path_of({"operators", name})));
  show_done(call.world, call.format, cat("The token of ", printable(name), " is refused from now on."));
  return {};
}

}  // namespace

std::vector<Command> person(World& world) {
  const Option name{.name = "NAME", .value = "NAME", .help = "a-z, 0-9, . _ @ -", .required = true};
  return {
      group("operator", "who may use this service, for what"),
      in_service(world,
                 {.path = "operator add",
                  .summary = "make a token for a person or a program, in a configuration of their own",
                  .options = {name,
                              {.name = "--scope",
                               .value = "SCOPE",
                               .help = "read, operate, or own; each includes those before",
                               .required = true},
                              {.name = "--only", .value = "CATALOG", .help = "for this catalog alone [every]"},
                              {.name = "--life", .value = "TIME", .help = "until the token expires [never]"},
                              {.name = "--out",
                               .value = "FILE",
                               .help = "where to put address, CA and token, 0600",
                               .required = true}},
                  .examples = "  holdfast operator add ci --scope operate --only fleet --life 90d --out ci.json",
                  .run = {}},
                 add),
      in_service(world,
                 {.path = "operator list",
                  .summary = "list the operators",
                  .options = {{.name = "--scope", .value = "SCOPE", .help = "only those with read, operate or own"},
                              {.name = "--state", .value = "STATE", .help = "only those active, expired or revoked"},
                              limit_option()},
                  .examples = "  holdfast operator list",
                  .run = {}},
                 list),
      in_service(world,
                 {.path = "operator revoke",
                  .summary = "make an operator's token worthless",
                  .options = {name},
                  .examples = "  holdfast operator revoke ci",
                  .run = {}},
                 revoke)};
}

}  // namespace holdfast::cli::commands
