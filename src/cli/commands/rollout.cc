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

std::string said(const json::Value& record, std::string_view member) {
  return printable(in_words(record.find(member)), 200);
}

/// The members of an object that are not 0, `failed 3, fetching 1`.
std::string counted(const json::Value* counts) {
  std::vector<std::string> parts;
  if (counts == nullptr || counts->object() == nullptr) return {};
  for (const json::Member& one : *counts->object())
    parts.push_back(cat(printable(one.name, 60), " ", in_words(&one.value)));
  return join(parts, ", ");
}

std::string names_in(const json::Value* object) {
  std::vector<std::string> parts;
  if (object == nullptr || object->object() == nullptr) return {};
  for (const json::Member& one : *object->object()) parts.push_back(printable(one.name, 200));
  return join(parts, ", ");
}

/// `37.25 % (5s), 100 %; open up to 37.25 %`
std::string waves_in_words(const json::Value& record) {
  std::vector<std::string> parts;
  const json::Value* waves = record.find("waves");
  if (waves == nullptr || waves->array() == nullptr) return {};
  for (const json::Value& one : *waves->array()) {
    const std::string soak = said(one, "soak_s");
    parts.push_back(cat(said(one, "percent"), " %", soak == "0" ? "" : cat(" (", soak, "s)")));
  }
  const json::Value* wave = record.find("wave");
  const std::int64_t* open = wave == nullptr ? nullptr : wave->integer();
  const bool is_known = open != nullptr && *open >= 0 && static_cast<std::size_t>(*open) < parts.size();
  return cat(join(parts, ", "), is_known ? cat("; open up to ", parts[static_cast<std::size_t>(*open)]) : "");
}

void show_harm(const Call& call, const json::Value* harm) {
  if (harm == nullptr || harm->object() == nullptr) return;
  for (const json::Member& one : *harm->object()) {
    if (said(one.value, "worse") == "0" && said(one.value, "better") == "0") continue;
    call.world.print(cat("  ", printable(one.name, 40), ": ", said(one.value, "worse"), " devices have it since, ",
                         said(one.value, "better"), " had it before and have none since\n"));
  }
}

void show_in_words(const Call& call, const json::Value& record) {
  const std::string reason = said(record, "reason");
  call.world.print(cat("Deployment ", said(record, "number"), " to ", said(record, "product"), "/",
                       said(record, "device_group"), " is ", said(record, "state"),
                       reason.empty() ? "" : cat(": ", reason), ".\n", "  images: ", names_in(record.find("images")),
                       "\n  waves: ", waves_in_words(record), "\n"));
  if (const json::Value* frozen = record.find("frozen"); frozen != nullptr && frozen->object() != nullptr) {
    call.world.print(cat("  updates are frozen until ", said(*frozen, "until"), ": ", said(*frozen, "reason"), "\n"));
  }
  const json::Value* progress = record.find("progress");
  if (progress == nullptr) return;
  const std::string phases = counted(progress->find("phases"));
  const std::string reasons = counted(progress->find("reasons"));
  call.world.print(cat("  devices: ", said(*progress, "directed"), " were told, ", said(*progress, "took"),
                       " tried it, ", said(*progress, "confirmed"), " confirmed it",
                       phases.empty() ? "" : cat("; ", phases), reasons.empty() ? "" : cat(" (", reasons, ")"), "\n"));
  show_harm(call, progress->find("harm"));
}

Result<void> show(Call& call) {
  const json::Value record = TRY(call.session.get(call.path("deployments", call.text("NUMBER"), "progress")));
  if (call.format == Format::Json) {
    show_record(call.world, call.format, record);
  } else {
    show_in_words(call, record);
  }
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
