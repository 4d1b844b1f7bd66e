#include "programs/holdfast/backup.h"

#include "base/text.h"
#include "cli/output/show.h"
#include "linux/system/files.h"
#include "programs/holdfast/archive_file.h"
#include "programs/holdfastd/open_store.h"
#include "programs/holdfastd/service_key.h"
#include "service/backup/restore.h"

namespace holdfast::programs {
namespace {

namespace backup = service::backup;
using cli::Arguments;
using cli::Option;

const Option kData{"--data", "DIR", "the service's folder", false, false, "holdfast-data"};
const Option kDatabase{"--database", "URL", "its PostgreSQL database, as holdfastd takes it, instead of a file there"};
const Option kServiceKey{"--service-key", "FILE", "its service key, where that is not in the folder"};
const Option kFile{"FILE", "FILE", "the backup", true};

std::optional<std::string> optional(const Arguments& arguments, const char* name) {
  return arguments.has(name) ? std::optional(arguments.text(name)) : std::nullopt;
}

Result<Secret> service_key_of(const Arguments& arguments) {
  auto found = TRY(read_service_key(arguments.text("--data"), optional(arguments, "--service-key")));
  return std::move(found.key);
}

Result<std::unique_ptr<ports::Store>> store_of(const Arguments& arguments) {
  auto opened = TRY(open_store(arguments.text("--data"), optional(arguments, "--database")));
  return std::move(opened.store);
}

json::Value to_json(const backup::Summary& summary) {
  return json::Object{{"backup", summary.header.id},
                      {"made_at", to_rfc3339(summary.header.made_at)},
                      {"rows", static_cast<std::int64_t>(summary.total)},
                      {"devices", static_cast<std::int64_t>(summary.rows.at("devices"))},
                      {"audit_records", static_cast<std::int64_t>(summary.rows.at("audit"))}};
}

Result<void> back_up(cli::World& world, const Arguments& arguments) {
  const auto format = TRY(cli::format_of(arguments));
  service::Keyring keyring(TRY(service_key_of(arguments)), world.random);
  if (!arguments.has("--database")) {
    const auto database = std::filesystem::path(arguments.text("--data")) / "holdfast.sqlite";
    if (!std::filesystem::exists(database)) {
      return fail(Next::NotFound, linux::system::kFileMissing,
                  cat("expected the service's database ", printable(database.string()), ", saw none"));
    }
  }
  const auto store = TRY(store_of(arguments));
  ArchiveWriter file = TRY(ArchiveWriter::make(arguments.text("FILE")));
  TRY(backup::back_up(*store, keyring, world.random, file, world.clock.wall_time()));
  TRY(file.finish());
  ArchiveReader written = TRY(ArchiveReader::open(arguments.text("FILE")));
  cli::show_record(world, format, to_json(TRY(backup::verify(keyring, written))));
  return {};
}

Result<void> verify(cli::World& world, const Arguments& arguments) {
  const auto format = TRY(cli::format_of(arguments));
  const service::Keyring keyring(TRY(service_key_of(arguments)), world.random);
  ArchiveReader file = TRY(ArchiveReader::open(arguments.text("FILE")));
  cli::show_record(world, format, to_json(TRY(backup::verify(keyring, file))));
  return {};
}

Result<void> restore(cli::World& world, const Arguments& arguments) {
  const auto format = TRY(cli::format_of(arguments));
  const service::Keyring keyring(TRY(service_key_of(arguments)), world.random);
  ArchiveReader looked_at = TRY(ArchiveReader::open(arguments.text("FILE")));
  TRY(backup::verify(keyring, looked_at));  // before anything is touched
  if (!arguments.has("--database")) TRY(linux::system::make_private_directory(arguments.text("--data")));
  const auto store = TRY(store_of(arguments));
  ArchiveReader file = TRY(ArchiveReader::open(arguments.text("FILE")));
  const auto restored =
      TRY(backup::restore(*store, keyring, file, {arguments.has("--keep-operators")}, world.clock.wall_time()));
  TRY(flush(*store));
  json::Value out = to_json(restored.archive);
  out.set("tickets_ended", static_cast<std::int64_t>(restored.tickets_ended));
  out.set("devices_that_attest_anew", static_cast<std::int64_t>(restored.devices_to_attest));
  out.set("operators_to_make_anew", static_cast<std::int64_t>(restored.operators_gone));
  cli::show_record(world, format, out);
  return {};
}

}  // namespace

std::vector<cli::Command> backup_commands(cli::World& world) {
  const auto with = [&world](auto run) {
    return [&world, run](const Arguments& arguments) { return run(world, arguments); };
  };
  const Option keep{"--keep-operators", "", "leave operators and their tokens as they were at the backup"};
  return {
      {"backup",
       "copy a whole service to a file, while it runs, and verify the file",
       {kFile, kData, kDatabase, kServiceKey, cli::output_option()},
       "  holdfast backup /backups/monday.holdfast --data /var/lib/holdfast\n"
       "  holdfast backup monday.holdfast --database postgres://holdfast@db/holdfast --service-key service.key",
       with(back_up)},
      {"backup-verify",
       "read a backup to its end: whole, unchanged, its audit chains unbroken",
       {kFile, kData, kServiceKey, cli::output_option()},
       "  holdfast backup-verify /backups/monday.holdfast --service-key service.key",
       with(verify)},
      {"restore",
       "bring a service back from a backup, into an empty database",
       {kFile, kData, kDatabase, kServiceKey, keep, cli::output_option()},
       "  holdfast restore /backups/monday.holdfast --data /var/lib/holdfast --service-key service.key",
       with(restore)},
  };
}

}  // namespace holdfast::programs
