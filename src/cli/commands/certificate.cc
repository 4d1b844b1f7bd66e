#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"

namespace holdfast::cli::commands {
namespace {

Result<void> list(Call& call) {
  const std::string path = call.arguments.has("--device") ? call.path("devices", call.text("--device"), "certificates")
                                                          : call.path("certificates");
  show_list(call.world, call.format, TRY(items_of(call, path, {"--kind", "--state"})),
            {{"SERIAL", "serial"},
             {"DEVICE", "device"},
             {"KIND", "kind"},
             {"STATE", "state"},
             {"NOT AFTER", "not_after"},
             {"APPRAISAL", "appraisal"},
             {"ENDED", "ended_at"},
             {"REASON", "reason"}});
  return {};
}

Result<void> revoke(Call& call) {
  const std::string& serial = call.text("SERIAL");
  TRY(call.session.post(call.path("certificates", serial, "revoke"), json::Object{{"reason", call.text("--reason")}}));
  show_done(call.world, call.format,
            cat("Certificate ", printable(serial, 64),
                " is revoked: refused here at once, and by others with the next revocation list."));
  return {};
}

}  // namespace

std::vector<Command> certificate(World& world) {
  return {group("certificate", "what devices were given, each bound to the appraisal that permitted it"),
          in_catalog(world,
                     {.path = "certificate list",
                      .summary = "list the certificates of a device, the newest first, or of a catalog",
                      .options = {{.name = "--device", .value = "ID", .help = "of which device [all]"},
                                  {.name = "--kind", .value = "KIND", .help = "only client, update or quarantine"},
                                  {.name = "--state", .value = "STATE", .help = "only valid, superseded or revoked"},
                                  limit_option()},
                      .examples = "  holdfast certificate list --device hf-0123-4567-89ab-cdef\n"
                                  "  holdfast certificate list --kind client --state revoked",
                      .run = {}},
                     list),
          in_catalog(world,
                     {.path = "certificate revoke",
                      .summary = "end a certificate before its time",
                      .options = {{.name = "SERIAL", .value = "SERIAL", .help = "in hex", .required = true},
                                  {.name = "--reason",
                                   .value = "TEXT",
                                   .help = "why, for the audit",
                                   .otherwise = "revoked by an operator"}},
                      .examples = "  holdfast certificate revoke 3f2a… --reason 'found on a copied disk'",
                      .run = {}},
                     revoke)};
}

}  // namespace holdfast::cli::commands
