#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/waiting.h"
#include "trust/x509/certificate.h"

namespace holdfast::cli::commands {
namespace {

const std::vector<Column> kThingColumns = {
    {"THING", "thing"}, {"SECRET UNTIL", "expires_at"}, {"USED", "used_at"}, {"CREATED BY", "created_by"}};

Result<void> show(Call& call) {
  show_record(call.world, call.format, TRY(call.session.get(call.path("est"))));
  return {};
}

/// What is not named stays as it is.
Result<void> set(Call& call) {
  json::Value order = json::Object{};
  for (const auto& [option, member] : {std::pair("--reenroll", "reenroll"), {"--things", "things"}}) {
    if (!call.arguments.has(option)) continue;
    const std::string& word = call.text(option);
    if (word != "on" && word != "off") {
      return fail(Next::Rejected, kUsageWrong, cat("expected ", option, " on or off, saw '", printable(word, 40), "'"));
    }
    order.set(member, word == "on");
  }
  if (call.arguments.has("--thing-life")) {
    order.set("thing_life", to_text(TRY(duration_of(call.arguments, "--thing-life"))));
  }
  if (order.object()->empty()) {
    return fail(Next::Rejected, kUsageWrong, "expected --reenroll, --things or --thing-life, saw none of them");
  }
  const json::Value answer = TRY(call.session.put(call.path("est"), order));
  if (!show_waiting(call, answer)) show_record(call.world, call.format, answer);
  return {};
}

Result<void> write_server_ca(Call& call) {
  const json::Value service = TRY(call.session.get(path_of({"service"})));
  const json::Value* ca = service.find("service_ca");
  const Blob der = TRY(from_base64(ca == nullptr ? std::string() : in_words(ca)));
  const std::string pem = trust::x509::to_pem(TRY(trust::x509::parse_certificate(der)));
  TRY(call.world.files.write(call.text("--out"), as_bytes(pem), Access::Everyone));
  show_done(call.world, call.format, cat("EST's clients check the service by ", printable(call.text("--out")), "."));
  return {};
}

/// `name:secret`, as EST's clients want it.
Result<void> enrol_thing(Call& call) {
  json::Value order = json::Object{{"thing", call.text("NAME")}};
  if (call.arguments.has("--life")) order.set("life", to_text(TRY(duration_of(call.arguments, "--life"))));
  json::Value answer = TRY(call.session.post(call.path("things"), order));
  std::string text = cat(in_words(answer.find("thing")), ":", in_words(answer.find("secret")), "\n");
  const Secret credentials(as_bytes(text));
  wipe(text);
  TRY(call.world.files.write(call.text("--out"), credentials.expose(), Access::OwnerOnly));
  show_done(call.world, call.format,
            cat("A secret for ", printable(call.text("NAME"), 63), ", good for one certificate until ",
                in_words(answer.find("expires_at")), ", is in ", printable(call.text("--out")), "."));
  return {};
}

Result<void> list_things(Call& call) {
  show_list(call.world, call.format, TRY(call.session.list(call.path("things"))), kThingColumns);
  return {};
}

Result<void> list_certificates(Call& call) {
  show_list(call.world, call.format, TRY(call.session.list(call.path("things", call.text("NAME"), "certificates"))),
            {{"SERIAL", "serial"}, {"STATE", "state"}, {"NOT AFTER", "not_after"}, {"ENDED", "ended_at"}});
  return {};
}

Result<void> remove_thing(Call& call) {
  TRY(call.session.erase(call.path("things", call.text("NAME"))));
  show_done(call.world, call.format,
            cat(printable(call.text("NAME"), 63), " is removed: its secret is void and its certificates have ended."));
  return {};
}

const Option kName{.name = "NAME", .value = "NAME", .help = "the thing's name", .required = true};

}  // namespace

std::vector<Command> est(World& world) {
  return {group("est", "what clients of EST (RFC 7030) may get; nothing, until it is said here"),
          in_catalog(world,
                     {.path = "est show",
                      .summary = "show what EST may issue",
                      .options = {},
                      .examples = "  holdfast est show",
                      .run = {}},
                     show),
          in_catalog(
              world,
              {.path = "est set",
               .summary = "say what EST may issue; what is not named stays as it is",
               .options = {{.name = "--reenroll",
                            .value = "on|off",
                            .help = "to devices: the same key again, while their last appraisal holds"},
                           {.name = "--things", .value = "on|off", .help = "to things without a vault, by a secret"},
                           {.name = "--thing-life", .value = "TIME", .help = "of their certificates, 10m to 30d [7d]"}},
               .examples = "  holdfast est set --reenroll on\n  holdfast est set --things on --thing-life 24h",
               .run = {}},
              set),
          in_catalog(world,
                     {.path = "est server-ca",
                      .summary = "write the CA by which EST's clients check the service",
                      .options = {{.name = "--out", .value = "FILE", .help = "where to put it, PEM", .required = true}},
                      .examples = "  holdfast est server-ca --out service-ca.pem",
                      .run = {}},
                     write_server_ca)};
}

std::vector<Command> thing(World& world) {
  return {
      group("thing", "named things without a vault, which get certificates of the unattested CA"),
      in_catalog(world,
                 {.path = "thing enroll",
                  .summary = "make a one-time secret for a thing; one that it had before is void",
                  .options = {kName,
                              {.name = "--life", .value = "TIME", .help = "of the secret [7d]"},
                              {.name = "--out", .value = "FILE", .help = "where to put it, 0600", .required = true}},
                  .examples = "  holdfast thing enroll printer-3 --out printer-3.secret",
                  .run = {}},
                 enrol_thing),
      in_catalog(world,
                 {.path = "thing list",
                  .summary = "list the things",
                  .options = {},
                  .examples = "  holdfast thing list",
                  .run = {}},
                 list_things),
      in_catalog(world,
                 {.path = "thing certificates",
                  .summary = "list a thing's certificates, the newest first",
                  .options = {kName},
                  .examples = "  holdfast thing certificates printer-3",
                  .run = {}},
                 list_certificates),
      in_catalog(world,
                 {.path = "thing remove",
                  .summary = "void a thing's secret and end its certificates",
                  .options = {kName},
                  .examples = "  holdfast thing remove printer-3",
                  .run = {}},
                 remove_thing)};
}

}  // namespace holdfast::cli::commands
