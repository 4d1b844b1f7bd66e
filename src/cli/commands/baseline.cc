#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"

namespace holdfast::cli::commands {
namespace {

Result<void> propose(Call& call, const std::string& path) {
  const json::Value answer = TRY(call.session.get(path));
  if (call.format == Format::Json) {
    show_record(call.world, call.format, answer);
    return {};
  }
  const json::Value* unknown = answer.find("unknown_events");
  if (unknown == nullptr || unknown->array() == nullptr) {
    return fail(Next::Corrupt, kServiceAnswerMalformed, "expected a list of unknown events, saw none");
  }
  if (unknown->array()->empty()) {
    call.world.print("Every event that this device booted is a reference value already.\n");
    return {};
  }
  call.world.print(
      cat("These ", unknown->array()->size(), " events are in no reference set of this device's group:\n"));
  for (const json::Value& event : *unknown->array()) {
    call.world.print(cat("  ", printable(in_words(&event), kCellBytesMax), "\n"));
  }
  call.world.print("Review them. With --accept they become the baseline of its product, and the audit says who did.\n");
  return {};
}

Result<void> run_baseline(Call& call) {
  const std::string path = call.path("devices", call.text("--device"), "baseline");
  if (!call.arguments.has("--accept")) return propose(call, path);
  const json::Value answer = TRY(call.session.post(path));
  if (!show_waiting(call, answer)) show_record(call.world, call.format, answer);
  return {};
}

}  // namespace

std::vector<Command> baseline(World& world) {
  return {in_catalog(
      world,
      {.path = "policy baseline",
       .summary = "show which boot events of a golden device no release covers, and accept them as the baseline",
       .options = {{.name = "--device", .value = "ID", .help = "the golden device", .required = true},
                   {.name = "--accept", .value = "", .help = "take them as reference values"}},
       .examples = "  holdfast policy baseline --device hf-0123-4567-89ab-cdef\n"
                   "  holdfast policy baseline --device hf-0123-4567-89ab-cdef --accept",
       .run = {}},
      run_baseline)};
}

}  // namespace holdfast::cli::commands
