#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

const Option kNumber{.name = "NUMBER", .value = "N", .help = "of the deployment", .required = true};
const Option kReason{.name = "--reason", .value = "TEXT", .help = "why, for who reads it later"};

std::unexpected<Error> wave_wrong(const std::string& seen) {
  return fail(Next::Rejected, kUsageWrong,
              cat("--wave: expected PERCENT or PERCENT:SOAK such as 1:24h, saw '", printable(seen, 40), "'"));
}

/// `1:24h`, `100`.
Result<json::Value> wave_from(const std::string& text) {
  const std::size_t colon = text.find(':');
  Duration soak{};
  if (colon != std::string::npos) {
    const auto parsed = parse_duration(text.substr(colon + 1));
    if (!parsed) return wave_wrong(text);
    soak = *parsed;
  }
  return json::Object{{"percent", text.substr(0, colon)},
                      {"soak_s", std::int64_t{std::chrono::duration_cast<seconds>(soak).count()}}};
}

Result<void> create(Call& call) {
  json::Array images;
  for (const std::string& one : call.arguments.texts("IMAGE")) images.emplace_back(one);
  json::Value order = json::Object{{"product", call.text("--product")},
                                   {"device_group", call.text("--device-group")},
                                   {"images", std::move(images)}};
  json::Array waves;
  for (const std::string& one : call.arguments.texts("--wave")) waves.push_back(TRY(wave_from(one)));
  if (!waves.empty()) order.set("waves", std::move(waves));
  show_record(call.world, call.format, TRY(call.session.post(call.path("deployments"), order)));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format,
            TRY(items_of(call, call.path("deployments"), {"--product", "--device-group", "--state"})),
            {{"NUMBER", "number"},
             {"PRODUCT", "product"},
             {"GROUP", "device_group"},
             {"STATE", "state"},
             {"WAVE", "wave"},
             {"NEXT WAVE", "next_wave_at"},
             {"CREATED", "created_at"},
             {"REASON", "reason"}});
  return {};
}

Result<void> images(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("images"))),
            {{"IMAGE", "image"},
             {"SECURITY", "security_version"},
             {"KIND", "kind"},
             {"PRODUCT", "product"},
             {"HARDWARE", "hardware"},
             {"BYTES", "length"}});
  return {};
}

Result<void> show(Call& call) {
  show_record(call.world, call.format,
              TRY(call.session.get(call.path("deployments", call.text("NUMBER"), "progress"))));
  return {};
}

Result<void> change(Call& call, std::string_view verb) {
  json::Value order{json::Object{}};
  if (call.arguments.has("--reason")) order.set("reason", call.text("--reason"));
  show_record(call.world, call.format,
              TRY(call.session.post(call.path("deployments", call.text("NUMBER"), std::string(verb)), order)));
  return {};
}

Result<void> pause(Call& call) { return change(call, "pause"); }
Result<void> resume(Call& call) { return change(call, "resume"); }
Result<void> abort(Call& call) { return change(call, "abort"); }

Command of_number(World& world, std::string path, std::string summary, std::vector<Option> more, InService run) {
  std::vector<Option> options = {kNumber};
  options.insert(options.end(), more.begin(), more.end());
  std::string example = cat("  holdfast ", path, " 7");
  return in_catalog(world,
                    {.path = std::move(path),
                     .summary = std::move(summary),
                     .options = std::move(options),
                     .examples = std::move(example),
                     .run = {}},
                    run);
}

Command create_command(World& world) {
  return in_catalog(
      world,
      {.path = "deployment create",
       .summary = "give a device group a set of released images, wave after wave",
       .options = {{.name = "IMAGE",
                    .value = "PATH",
                    .help = "as in `holdfast deployment images`; the whole set, one for each component",
                    .required = true,
                    .repeated = true},
                   {.name = "--product", .value = "NAME", .help = "of the devices", .required = true},
                   {.name = "--device-group", .value = "NAME", .help = "of the product", .required = true},
                   {.name = "--wave",
                    .value = "WAVE",
                    .help = "PERCENT:SOAK, the last one 100 [1:24h 10:24h 50:24h 100]",
                    .repeated = true}},
       .examples = "  holdfast deployment create os/2.0/image door-control/1.4.0/image --product gateway \\\n"
                   "    --device-group field --wave 1:24h --wave 20:24h --wave 100",
       .run = {}},
      create);
}

}  // namespace

std::vector<Command> rollout(World& world) {
  return {group("deployment", "which released images the devices of a group are to have"),
          create_command(world),
          in_catalog(world,
                     {.path = "deployment list",
                      .summary = "list deployments, the newest first",
                      .options = {{.name = "--product", .value = "NAME", .help = "only those of a product"},
                                  {.name = "--device-group", .value = "NAME", .help = "only those of a group"},
                                  {.name = "--state", .value = "WORD", .help = "running, paused or aborted"},
                                  limit_option()},
                      .examples = "  holdfast deployment list --state running",
                      .run = {}},
                     list),
          in_catalog(world,
                     {.path = "deployment images",
                      .summary = "list the images that the service may deploy",
                      .options = {limit_option()},
                      .examples = "  holdfast deployment images",
                      .run = {}},
                     images),
          group("rollout", "how a deployment reaches its devices"),
          of_number(world, "rollout show", "how far it has come, what failed, and why it stands", {}, show),
          of_number(world, "rollout pause", "keep it from further devices until it is resumed", {kReason}, pause),
          of_number(world, "rollout resume", "go on where it was paused", {}, resume),
          of_number(world, "rollout abort", "end it for good: devices that have it go back", {kReason}, abort)};
}

}  // namespace holdfast::cli::commands
