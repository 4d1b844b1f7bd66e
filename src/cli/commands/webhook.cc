#include "base/encoding.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "trust/x509/certificate.h"

namespace holdfast::cli::commands {
namespace {

namespace x509 = trust::x509;

constexpr Reason kCaUnfit{"webhook-ca-unfit"};
constexpr std::size_t kSecretBytesMax = 512;

const Option kName{.name = "NAME", .value = "NAME", .help = "its name: a-z, 0-9, inner hyphens", .required = true};

/// The one self-signed CA of a PEM file.
Result<std::string> ca_in(World& world, const std::string& file) {
  const Blob pem = TRY(world.files.read(file, x509::kPemBytesMax));
  auto certificates = x509::read_certificates(as_text(pem));
  if (!certificates) return fail_within(printable(file), std::move(certificates).error());
  if (certificates->size() == 1) return to_base64(certificates->front().der());
  return fail(Next::Rejected, kCaUnfit,
              cat("expected one CA certificate in ", printable(file), ", saw ", certificates->size()));
}

/// The secret goes into a file for its receiver and is shown to nobody.
Result<void> create(Call& call) {
  const bool is_public = call.arguments.has("--public-ca");
  if (is_public == call.arguments.has("--ca")) {
    return fail(Next::Rejected, kUsageWrong, "expected either --ca FILE or --public-ca, saw both or neither");
  }
  json::Array events;
  for (const std::string& event : call.arguments.texts("--event")) events.emplace_back(event);
  json::Value order =
      json::Object{{"name", call.text("NAME")}, {"url", call.text("--url")}, {"events", std::move(events)}};
  if (is_public) order.set("public_ca", true);
  if (!is_public) order.set("ca", TRY(ca_in(call.world, call.text("--ca"))));
  const json::Value answer = TRY(call.session.post(call.path("webhooks"), order));
  const json::Value* found = answer.find("secret");
  if (found == nullptr || found->text() == nullptr || found->text()->size() > kSecretBytesMax) {
    return fail(Next::Corrupt, kServiceAnswerMalformed, "expected the secret of the webhook, saw none");
  }
  std::string secret = cat(*found->text(), "\n");
  const auto written = call.world.files.write(call.text("--out"), as_bytes(secret), Access::OwnerOnly);
  wipe(secret);
  TRY(written);
  show_done(call.world, call.format,
            cat("The receiver of ", printable(call.text("NAME")), " checks signatures with the secret in ",
                printable(call.text("--out")), "; it is shown nowhere else."));
  return {};
}

Result<void> list(Call& call) {
  show_list(call.world, call.format, TRY(items_of(call, call.path("webhooks"))),
            {{"NAME", "name"},
             {"URL", "url"},
             {"EVENTS", "events"},
             {"QUEUED", "queued"},
             {"DROPPED", "dropped"},
             {"TRIED", "tried_at"},
             {"STATUS", "last_status"},
             {"PROBLEM", "last_problem"}});
  return {};
}

Result<void> show(Call& call) {
  show_record(call.world, call.format, TRY(call.session.get(call.path("webhooks", call.text("NAME")))));
  return {};
}

Result<void> erase(Call& call) {
  const json::Value row = TRY(call.session.erase(call.path("webhooks", call.text("NAME"))));
  show_done(call.world, call.format,
            cat("The webhook ", printable(call.text("NAME")), " is gone, with ", in_words(row.find("queued")),
                " events that were not delivered."));
  return {};
}

Result<void> test(Call& call) {
  const json::Value row = TRY(call.session.post(call.path("webhooks", call.text("NAME"), "test")));
  show_done(call.world, call.format,
            cat("A test event is on its way, ", in_words(row.find("queued")),
                " in the queue; holdfast webhook show tells what becomes of it."));
  return {};
}

Command create_command(World& world) {
  return in_catalog(
      world,
      {.path = "webhook create",
       .summary = "tell a relying service at once when certificates end",
       .options =
           {kName,
            {.name = "--url", .value = "URL", .help = "https://host[:port]/path", .required = true},
            {.name = "--ca", .value = "FILE", .help = "the CA that the receiver's certificate is under, PEM"},
            {.name = "--public-ca", .value = "", .help = "the receiver's certificate is under a public CA"},
            {.name = "--event",
             .value = "EVENT",
             .help = "certificate-ended or device-held",
             .required = true,
             .repeated = true},
            {.name = "--out", .value = "FILE", .help = "where to put the signing secret, 0600", .required = true}},
       .examples = "  holdfast webhook create broker --url https://broker.example.com/holdfast --public-ca \\\n"
                   "    --event certificate-ended --out broker.secret\n"
                   "  holdfast webhook create audit --url https://10.0.0.7:8443/hook --ca site-ca.pem \\\n"
                   "    --event certificate-ended --event device-held --out audit.secret",
       .run = {}},
      create);
}

Command one(World& world, std::string_view verb, std::string_view summary, InService run) {
  return in_catalog(world,
                    {.path = cat("webhook ", verb),
                     .summary = std::string(summary),
                     .options = {kName},
                     .examples = cat("  holdfast webhook ", verb, " broker"),
                     .run = {}},
                    run);
}

}  // namespace

std::vector<Command> webhook(World& world) {
  return {group("webhook", "who is told when a device's certificates end before their time"),
          create_command(world),
          in_catalog(world,
                     {.path = "webhook list",
                      .summary = "list the webhooks of a catalog and how their deliveries fare",
                      .options = {},
                      .examples = "  holdfast webhook list\n  holdfast webhook list --output json",
                      .run = {}},
                     list),
          one(world, "show", "show one webhook, its queue and its last attempt", show),
          one(world, "delete", "tell it nothing more, and forget what waits for it", erase),
          one(world, "test", "send a test event, and whatever waits, at once", test)};
}

}  // namespace holdfast::cli::commands
