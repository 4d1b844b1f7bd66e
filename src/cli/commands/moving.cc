#include "base/text.h"
#include "cli/commands/call.h"
#include "cli/commands/holdfast.h"
#include "cli/owner/archive.h"
#include "cli/owner/authorities.h"
#include "cli/owner/trust_policies.h"

namespace holdfast::cli::commands {
namespace {

using cli::owner::Folder;

const Option kName{.name = "NAME", .value = "NAME", .help = "the catalog's name", .required = true};
const Option kOwner{.name = "--owner", .value = "DIR", .help = "the owner's folder", .required = true};

/// For people alone: what reads JSON waits for its end.
cli::owner::Progress progress_of(Call& call, std::string_view what) {
  if (call.format == Format::Json) return {};
  return [&call, what](std::int64_t done, std::int64_t all) {
    call.world.print(all > 0 ? cat(what, " ", done, " of ", all, " pages\n") : cat(what, " ", done, " pages\n"));
  };
}

Result<void> leave(Call& call) {
  call.catalog = call.text("NAME");
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  TRY(trust_policy_in_force(call.world, call.session, folder, call.catalog));
  TRY(call.session.post(call.path("leave")));
  const std::string& out = call.text("--out");
  const std::string done =
      TRY(cli::owner::write_archive(call.world, call.session, folder, call.catalog, out, progress_of(call, "written")));
  show_done(call.world, call.format,
            cat(done,
                "\nNothing changes here any more; devices go on with the certificates that they have. Next, at the "
                "other service:\n  holdfast catalog import --from ",
                out, " --owner ", call.text("--owner"), "\nor, to stay:\n  holdfast catalog come-back ", call.catalog));
  return {};
}

Result<void> come_back(Call& call) {
  call.catalog = call.text("NAME");
  TRY(call.session.post(call.path("come-back")));
  show_done(call.world, call.format, cat(call.catalog, " lives here again. Its archive is out of date from now on."));
  return {};
}

/// The owner's word that devices belong to this service now; everything else in it stays.
Result<std::string> point_devices_here(Call& call, const Folder& folder) {
  const auto here = TRY(cli::owner::first_trust_policy(call.world, call.session, call.catalog));
  auto policy = TRY(cli::owner::next_trust_policy(call.world, call.session, folder, call.catalog));
  policy.services = here.services;
  policy.service_ca = here.service_ca;
  return issue(call.world, call.session, folder, policy);
}

/// What an earlier call may have done already is left as it is.
Result<void> certify_all(Call& call, const Folder& folder) {
  const json::Value row = TRY(call.session.get(call.path()));
  if (in_words(row.find("state")) == "preparing") {
    const json::Value prepared = TRY(call.session.post(call.path("authorities")));
    TRY(call.session.put(call.path("authorities"),
                         TRY(certify_authorities(call.world, folder, call.catalog, prepared))));
  }
  const json::Value est = TRY(call.session.get(call.path("est")));
  const json::Value* authority = est.find("authority");
  if (in_words(est.find("things")) != "true" || authority == nullptr || !authority->is_null()) return {};
  const json::Value prepared = TRY(call.session.post(call.path("authorities", "unattested", "prepare")));
  TRY(call.session.put(
      call.path("authorities", "unattested", "certificate"),
      TRY(certify_authority(call.world, folder, call.catalog, trust::x509::Authority::Unattested, prepared))));
  return {};
}

Result<void> take_over(Call& call) {
  const Folder folder = TRY(Folder::open(call.world.files, call.text("--owner")));
  const std::string& from = call.text("--from");
  call.catalog = TRY(cli::owner::catalog_in(call.world, from));
  const auto sent = cli::owner::send_archive(call.world, call.session, from, progress_of(call, "sent"));
  // Behind the last page an earlier call may have been cut off: then the catalog is there.
  if (!sent && sent.error().next != Next::Conflict) return sent;
  TRY(certify_all(call, folder));
  auto& known = call.session.config().catalogs[call.catalog];
  known.owner_root = folder.first_root_digest();
  known.audit.reset();  // its heads are signed by another key from now on
  call.session.config().catalog = call.catalog;
  TRY(call.session.save());
  const std::string policy = TRY(point_devices_here(call, folder));
  show_done(call.world, call.format,
            cat(call.catalog, " lives here. ", policy,
                "\nDevices hear of it from the old service, once it has the same policy:\n  holdfast owner publish ",
                folder.file_of(call.catalog, "trust-policy.json"), " --catalog ", call.catalog, " --dir ",
                call.text("--owner"), " --config OLD-CONFIG"));
  return {};
}

}  // namespace

std::vector<Command> moving(World& world) {
  return {
      in_service(world,
                 {.path = "catalog export",
                  .summary = "leave this service: end all changes, and write the catalog, all but private keys, as an "
                             "archive signed by the owner",
                  .options = {kName,
                              kOwner,
                              {.name = "--out", .value = "DIR", .help = "a folder for the archive", .required = true}},
                  .examples = "  holdfast catalog export fleet --owner owner --out fleet-archive",
                  .run = {}},
                 leave),
      in_service(world,
                 {.path = "catalog come-back",
                  .summary = "undo an export: the catalog lives here again",
                  .options = {kName},
                  .examples = "  holdfast catalog come-back fleet",
                  .run = {}},
                 come_back),
      in_service(world,
                 {.path = "catalog import",
                  .summary = "take a catalog over from its archive, certify its CAs, point its devices here; goes on "
                             "where it was cut off",
                  .options = {{.name = "--from", .value = "DIR", .help = "the archive", .required = true}, kOwner},
                  .examples = "  holdfast catalog import --from fleet-archive --owner owner",
                  .run = {}},
                 take_over)};
}

}  // namespace holdfast::cli::commands
