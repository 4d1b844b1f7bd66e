#include "base/text.h"
#include "cli/commands/holdfast.h"
#include "cli/commands/release_call.h"
#include "cli/release/bundle.h"
#include "cli/release/releases.h"
#include "cli/release/upload.h"

namespace holdfast::cli::commands {
namespace {

namespace update = trust::update;
using cli::owner::Folder;
using cli::release::Repository;

Result<void> init(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const std::string& path = arguments.text("--repository");
  const Duration life = TRY(duration_of(arguments, "--life"));
  for (const std::string_view role : {release::kFloorKey, release::kEscrowKey}) {
    if (TRY(owner::newest_key(world, owner.path(), role))) continue;
    TRY(owner::make_key(world, owner.path(), {.role = std::string(role)}));
  }
  const auto outcome = TRY(release::make_repository(world, owner, path, life));
  show_done(world, format,
            outcome.progress == release::Progress::Published
                ? cat("The image repository in ", printable(path), " is ready and empty.")
                : cat("The image repository waits for signatures.\n", outcome.next));
  return {};
}

Result<void> revoke(World& world, const Arguments& arguments) {
  Desk desk = TRY(desk_of(world, arguments, true));
  update::Withdrawal withdrawal{.component = arguments.text("COMPONENT"),
                                .version = arguments.text("VERSION"),
                                .at = world.clock.wall_time(),
                                .reason = arguments.text("--reason")};
  const std::string done =
      cat("The withdrawal of ", printable(withdrawal.component), " ", printable(withdrawal.version));
  TRY(release::withdraw(world.files, desk.repository, desk.role, std::move(withdrawal)));
  return publish(world, desk, done);
}

Result<void> list(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const Repository repository = TRY(Repository::open(world.files, owner, arguments.text("--repository")));
  json::Array images;
  for (const auto& [path, listed] : repository.images()) images.push_back(record_of(listed));
  for (const auto& [path, name] : repository.withdrawn()) {
    images.push_back(json::Object{{"component", name.component}, {"version", name.version}, {"kind", "withdrawn"}});
  }
  show_list(world, format, images,
            {{"COMPONENT", "component"},
             {"VERSION", "version"},
             {"SECURITY", "security_version"},
             {"KIND", "kind"},
             {"PRODUCT", "product"},
             {"HARDWARE", "hardware"},
             {"BYTES", "bytes"},
             {"SIGNED BY", "signed_by"}});
  const WallTime expires = repository.published().expires();
  if (format == Format::Table && expires <= world.clock.wall_time()) {
    world.print(cat("Devices take nothing from it since ", to_rfc3339(expires),
                    ": publish it anew with holdfast release publish.\n"));
  }
  return {};
}

Result<void> upload(Call& call) {
  const auto progress = [&](const std::string& file, std::size_t done, std::size_t all) {
    if (call.format == Format::Table) call.world.print(cat(printable(file), ": ", done, " of ", all, " bytes\n"));
  };
  const auto done =
      TRY(cli::release::upload(call.world, call.session, call.text("--repository"), call.catalog, progress));
  show_done(call.world, call.format,
            cat(done.files, " files were sent (", done.bytes, " bytes); what the repository says is in force."));
  return {};
}

Result<void> bundle(World& world, const Arguments& arguments) {
  const Format format = TRY(format_of(arguments));
  const Folder owner = TRY(Folder::open(world.files, arguments.text("--dir")));
  const Repository repository = TRY(Repository::open(world.files, owner, arguments.text("--repository")));
  const std::string& file = arguments.text("--out");
  const std::size_t members = TRY(release::write_bundle(world.files, repository, owner.roots().size(), file));
  show_done(world, format, cat("The repository is in ", printable(file), ", ", members, " files."));
  return {};
}

Command revoke_command(World& world) {
  return offline(
      world,
      {.path = "release revoke",
       .summary = "withdraw a version: nobody installs it from then on, and it is never released again",
       .options = {{.name = "COMPONENT", .value = "NAME", .help = "what it is a version of", .required = true},
                   {.name = "VERSION", .value = "TEXT", .help = "as it was published", .required = true},
                   repository_option(),
                   owner_option(),
                   role_option(),
                   {.name = "--reason", .value = "TEXT", .help = "for people", .required = true},
                   life_option(),
                   output_option()},
       .examples =
           "  holdfast release revoke door-control 1.4.0 --reason 'opens at night' --repository images --dir owner",
       .run = {}},
      revoke);
}

Command bundle_command(World& world) {
  return offline(world,
                 {.path = "release bundle",
                  .summary = "write the repository as one file, for places that no network reaches",
                  .options = {repository_option(),
                              owner_option(),
                              {.name = "--out", .value = "FILE", .help = "a file that is not there", .required = true},
                              output_option()},
                  .examples = "  holdfast release bundle --out images.tar --repository images --dir owner",
                  .run = {}},
                 bundle);
}

}  // namespace

std::vector<Command> release(World& world) {
  std::vector<Command> out = {
      group("release", "images for devices, signed with the owner's keys in a repository of files"),
      offline(world,
              {.path = "release init",
               .summary = "make an empty image repository, signed with the keys in the owner's folder, and keys for "
                          "floors and escrow",
               .options = {repository_option(), owner_option(), life_option(), output_option()},
               .examples = "  holdfast release init --repository images --dir owner",
               .run = {}},
              init),
      offline(world,
              {.path = "release list",
               .summary = "verify a repository and list its images",
               .options = {repository_option(), owner_option(), output_option()},
               .examples = "  holdfast release list --repository images --dir owner",
               .run = {}},
              list),
      in_catalog(world,
                 {.path = "release upload",
                  .summary = "send a repository to the service, from which devices then fetch",
                  .options = {repository_option()},
                  .examples = "  holdfast release upload --catalog fleet --repository images",
                  .run = {}},
                 upload),
      revoke_command(world),
      bundle_command(world)};
  for (auto& more : {release_images(world), release_keys(world), release_makers(world), release_seal(world)})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace holdfast::cli::commands
