#include "base/text.h"
#include "base/time.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

const Option kNumber{.name = "NUMBER", .value = "N", .help = "of the freeze", .required = true};

/// `--until` as given, or `--for` from the beginning on.
Result<std::string> end_of(Call& call, WallTime from) {
  if (call.arguments.has("--until") == call.arguments.has("--for")) {
    return fail(Next::Rejected, kUsageWrong, "expected one of --until and --for");
  }
  if (call.arguments.has("--until")) return call.text("--until");
  return to_rfc3339(from + TRY(parse_duration(call.text("--for"))));
}

Result<void> create(Call& call) {
  json::Value order{json::Object{}};
  WallTime from = call.world.clock.wall_time();
  if (call.arguments.has("--from")) {
    from = TRY(parse_rfc3339(call.text("--from")));
    order.set("from", call.text("--from"));
  }
  order.set("until", TRY(end_of(call, from)));
  for (const auto& [option, member] : {std::pair("--product", "product"), std::pair("--device-group", "device_group"),
                                       std::pair("--reason", "reason")}) {
    if (call.arguments.has(option)) order.set(member, call.text(option));
  }
  show_record(call.world, call.format, TRY(call.session.post(call.path("freezes"), order)));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("freezes"))),
            {{"NUMBER", "number"},
             {"PRODUCT", "product"},
             {"GROUP", "device_group"},
             {"FROM", "from"},
             {"UNTIL", "until"},
             {"REASON", "reason"},
             {"BY", "created_by"}});
  return {};
}

Result<void> end(Call& call) {
  show_record(call.world, call.format,
              TRY(call.session.post(call.path("freezes", call.text("NUMBER"), "end"), json::Object{})));
  return {};
}

}  // namespace

std::vector<Command> freeze(World& world) {
  return {
      group("freeze", "times in which no device is told of anything new"),
      in_catalog(world,
                 {.path = "freeze create",
                  .summary = "keep devices as they are for a while; taking back goes on",
                  .options = {{.name = "--from", .value = "TIME", .help = "when it begins [now]"},
                              {.name = "--until", .value = "TIME", .help = "when it ends, or"},
                              {.name = "--for", .value = "TIME", .help = "how long it lasts, such as 72h"},
                              {.name = "--product", .value = "NAME", .help = "only its devices"},
                              {.name = "--device-group", .value = "NAME", .help = "only this group of the product"},
                              {.name = "--reason", .value = "TEXT", .help = "why, for who reads it later"}},
                  .examples = "  holdfast freeze create --from 2026-12-20T00:00:00Z --until 2027-01-04T06:00:00Z \\\n"
                              "    --reason holidays\n"
                              "  holdfast freeze create --for 8h --product gateway --device-group field",
                  .run = {}},
                 create),
      in_catalog(world,
                 {.path = "freeze list",
                  .summary = "list freezes, the newest first",
                  .options = {limit_option()},
                  .examples = "  holdfast freeze list",
                  .run = {}},
                 list),
      in_catalog(world,
                 {.path = "freeze end",
                  .summary = "end one before its time",
                  .options = {kNumber},
                  .examples = "  holdfast freeze end 7",
                  .run = {}},
                 end)};
}

}  // namespace holdfast::cli::commands
