#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/device_releases.h"
#include "cli/release/releases.h"
#include "cli/release/sealing.h"
#include "trust/appraisal/explain.h"
#include "trust/update/escrow.h"

namespace holdfast::cli::commands {
namespace {

using cli::owner::Folder;

const Option kDevice{.name = "DEVICE", .value = "ID", .help = "hf-xxxx-xxxx-xxxx-xxxx", .required = true};
const std::vector<Column> kColumns = {{"DEVICE", "device"}, {"PRODUCT", "product"},      {"GROUP", "device_group"},
                                      {"STATE", "state"},   {"VERDICT", "verdict"},      {"ATTESTED", "attested_at"},
                                      {"SEEN", "seen_at"},  {"RUNS", "running_versions"}};

/// `os 1.0.0, app 2.1` beside the full list, for a column.
json::Value with_versions(json::Value device) {
  json::Array versions;
  const json::Value* running = device.find("running");
  if (running != nullptr && running->array() != nullptr) {
    for (const json::Value& one : *running->array()) {
      versions.emplace_back(cat(in_words(one.find("component")), " ", in_words(one.find("version"))));
    }
  }
  device.set("running_versions", std::move(versions));
  return device;
}

Result<void> list(Call& call) {
  json::Array items =
      TRY(items_of(call, call.path("devices"),
                   {"--product", "--device-group", "--state", "--verdict", "--seen-after", "--seen-before"}));
  if (call.format == Format::Table) {
    for (json::Value& item : items) item = with_versions(std::move(item));
  }
  show_list(call.world, call.format, items, kColumns);
  return {};
}

Result<void> show(Call& call) {
  json::Value device = TRY(call.session.get(call.path("devices", call.text("DEVICE"))));
  const json::Value* escrow = device.find("escrow");
  const bool is_for_people = call.format == Format::Table && escrow != nullptr && !escrow->is_null();
  if (is_for_people) device.set("escrow", "the passwords of its TPM (holdfast device passwords)");
  show_record(call.world, call.format, device);
  return {};
}

Result<void> direction(Call& call) {
  show_record(call.world, call.format, TRY(call.session.get(call.path("devices", call.text("DEVICE"), "direction"))));
  return {};
}

Result<void> pin(Call& call) {
  json::Value order = json::Object{{"deployment", TRY(integer_of(call.arguments, "--deployment", 1, INT64_MAX))}};
  if (call.arguments.has("--reason")) order.set("reason", call.text("--reason"));
  show_record(call.world, call.format, TRY(call.session.put(call.path("devices", call.text("DEVICE"), "pin"), order)));
  return {};
}

Result<void> unpin(Call& call) {
  TRY(call.session.erase(call.path("devices", call.text("DEVICE"), "pin")));
  show_done(call.world, call.format, cat(call.text("DEVICE"), " follows its group again."));
  return {};
}

Result<void> explain(Call& call) {
  const json::Value answer = TRY(call.session.get(call.path("devices", call.text("DEVICE"), "explain")));
  if (call.format == Format::Json) {
    show_record(call.world, call.format, answer);
    return {};
  }
  const json::Value* appraisal = answer.find("appraisal");
  if (appraisal == nullptr) return fail(Next::Corrupt, kServiceAnswerMalformed, "expected an appraisal, saw none");
  const auto read = TRY(trust::appraisal::appraisal_from(*appraisal));
  const auto said = [&](std::string_view member) { return printable(in_words(answer.find(member)), 80); };
  call.world.print(cat(said("device"), " at ", said("at"), ", under policy ", said("policy"), " version ",
                       said("policy_version"), "\n"));
  if (in_words(answer.find("held")) == "true") {
    call.world.print("An operator holds this device: it gets no certificate, whatever its verdict.\n");
  }
  call.world.print(trust::appraisal::explain(read));
  return {};
}

/// Of the keys in the folder, whichever it was sealed to.
Result<trust::update::ChipPasswords> open_with(World& world, const std::string& folder, Bytes escrow) {
  const auto keys = TRY(owner::private_keys_of(world, folder, release::kEscrowKey));
  for (const auto& key : keys) {
    auto opened = trust::update::open_escrow(key, escrow);
    if (opened) return opened;
  }
  return fail(
      Next::NotFound, trust::crypto::kHpkeUnopened,
      cat("expected the escrow key among ", keys.size(), " in ", printable(folder), ", saw none that opens it"));
}

Result<void> passwords(Call& call) {
  const std::string& device = call.text("DEVICE");
  const json::Value shown = TRY(call.session.get(call.path("devices", device)));
  const json::Value* escrow = shown.find("escrow");
  if (escrow == nullptr || escrow->text() == nullptr) {
    return fail(Next::NotFound, release::kSealingWrong,
                cat("expected passwords that ", printable(device, 80),
                    " escrowed, saw none: it owns no chip, or its system "
                    "names nobody to escrow to"));
  }
  const auto opened = TRY(open_with(call.world, call.text("--dir"), TRY(from_base64(*escrow->text()))));
  // As tpm2-tools take them.
  const auto word = [](const Secret& one) { return cat("hex:", to_hex(one.expose())); };
  const std::string text =
      json::dump_pretty(json::Object{{"owner", word(opened.owner)}, {"lockout", word(opened.lockout)}});
  const std::string& file = call.text("--out");
  TRY(call.world.files.create(file, as_bytes(cat(text, "\n")), Access::OwnerOnly));
  show_done(call.world, call.format, cat("The passwords of its TPM are in ", printable(file), ", for you alone."));
  return {};
}

Result<void> act(Call& call, std::string_view action, std::string_view done) {
  const std::string& device = call.text("DEVICE");
  const json::Value answer = TRY(call.session.post(call.path("devices", device, action)));
  if (call.format == Format::Json) {
    show_record(call.world, call.format, answer);
  } else {
    show_done(call.world, call.format, cat(printable(device, 80), " ", done));
  }
  return {};
}

Result<void> hold(Call& call) {
  return act(call, "hold", "is held: its certificates are revoked, and it gets none until the hold is released.");
}

Result<void> release_hold(Call& call) {
  return act(call, "release-hold", "is held no longer: its next attestation decides.");
}

Result<void> move(Call& call) {
  const json::Value order =
      json::Object{{"product", call.text("--product")}, {"device_group", call.text("--device-group")}};
  show_record(call.world, call.format,
              TRY(call.session.post(call.path("devices", call.text("DEVICE"), "move"), order)));
  return {};
}

Result<void> release(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  const std::string& device = call.text("DEVICE");
  const json::Value row = TRY(call.session.get(call.path("devices", device)));
  trust::tuf::DeviceRelease release;
  release.catalog = call.catalog;
  release.device = device;
  auto fields = TRY(json::Fields::of(row, "device"));
  release.version = TRY(fields.integer("enrolments", 1, trust::tuf::kVersionMax));
  release.attestation_key = TRY(fields.digest256("ak_sha256"));
  release.expires = call.world.clock.wall_time() + TRY(duration_of(call.arguments, "--life"));
  show_done(call.world, call.format, TRY(cli::owner::let_go(call.world, call.session, folder, release)));
  return {};
}

Command release_command(World& world) {
  return in_catalog(
      world,
      {.path = "device release",
       .summary = "let a device go: it erases what is yours, confirms, and may be claimed by another owner",
       .options =
           {kDevice,
            {.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true},
            {.name = "--life", .value = "TIME", .help = "how long the device may take to come by", .otherwise = "30d"}},
       .examples = "  holdfast device release hf-0123-4567-89ab-cdef --owner owner",
       .run = {}},
      release);
}

Command list_command(World& world) {
  return in_catalog(
      world,
      {.path = "device list",
       .summary = "list devices",
       .options = {{.name = "--product", .value = "PRODUCT", .help = "only those of a product"},
                   {.name = "--device-group", .value = "GROUP", .help = "only those in a group"},
                   {.name = "--verdict",
                    .value = "VERDICT",
                    .help = "only those last judged healthy, update-only, quarantined, refused; none: never judged"},
                   {.name = "--state", .value = "STATE", .help = "only those enrolled, held or released"},
                   {.name = "--seen-after", .value = "TIME", .help = "only those seen since, as 2026-01-31T12:00:00Z"},
                   {.name = "--seen-before", .value = "TIME", .help = "only those not seen since, or never"},
                   limit_option()},
       .examples = "  holdfast device list --verdict update-only\n  holdfast device list --seen-before "
                   "2026-01-31T00:00:00Z",
       .run = {}},
      list);
}

Command about_one(World& world, std::string_view verb, std::string_view summary, InService run) {
  return in_catalog(world,
                    {.path = cat("device ", verb),
                     .summary = std::string(summary),
                     .options = {kDevice},
                     .examples = cat("  holdfast device ", verb, " hf-0123-4567-89ab-cdef"),
                     .run = {}},
                    run);
}

Command passwords_command(World& world) {
  return in_catalog(
      world,
      {.path = "device passwords",
       .summary = "write down what owns a device's TPM, as it escrowed it to you",
       .options = {kDevice,
                   {.name = "--dir", .value = "DIR", .help = "folder with the escrow key", .required = true},
                   {.name = "--out", .value = "FILE", .help = "for the passwords; not there before", .required = true}},
       .examples = "  holdfast device passwords hf-0123-4567-89ab-cdef --dir owner --out passwords.json",
       .run = {}},
      passwords);
}

Command move_command(World& world) {
  return in_catalog(
      world,
      {.path = "device move",
       .summary = "put a device into another device group",
       .options = {kDevice,
                   {.name = "--product", .value = "PRODUCT", .help = "the group's product", .required = true},
                   {.name = "--device-group", .value = "GROUP", .help = "the group", .required = true}},
       .examples = "  holdfast device move hf-0123-4567-89ab-cdef --product gateway --device-group lab",
       .run = {}},
      move);
}

Command pin_command(World& world) {
  return in_catalog(
      world,
      {.path = "device pin",
       .summary = "keep a device at one deployment, whatever its group gets",
       .options = {kDevice,
                   {.name = "--deployment", .value = "N", .help = "the deployment's number", .required = true},
                   {.name = "--reason", .value = "TEXT", .help = "why, for who reads it later"}},
       .examples = "  holdfast device pin hf-0123-4567-89ab-cdef --deployment 7 --reason 'on the test bench'",
       .run = {}},
      pin);
}

}  // namespace

std::vector<Command> device(World& world) {
  return {
      group("device", "what was claimed: who it is, what it runs, how it was judged"),
      list_command(world),
      about_one(world, "show", "show who a device is, what it runs, and its last verdict", show),
      about_one(world, "explain", "show each check of its last attestation, the failed ones first", explain),
      about_one(world, "hold", "revoke a device's certificates and give it none", hold),
      about_one(world, "release-hold", "end a hold", release_hold),
      move_command(world),
      passwords_command(world),
      about_one(world, "direction", "show which images a device is to have, why, and what it says of them", direction),
      pin_command(world),
      about_one(world, "unpin", "let a device follow its group again", unpin),
      release_command(world)};
}

}  // namespace holdfast::cli::commands
