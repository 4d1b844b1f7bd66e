// holdfast-tuf-client: the agent's reading of a TUF repository as a program of its own, with the command line of TUF's
// conformance work.
#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "cli/arguments/command.h"
#include "device/update/repository_client.h"
#include "linux/net/web_repository.h"
#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "programs/holdfast_tuf_client/metadata_directory.h"

namespace {

using namespace holdfast;
using device::update::RepositoryClient;
using linux::system::FileMode;

constexpr linux::net::Timeouts kImageTimeouts{.answer = hours(1)};

Result<std::string> required(const cli::Arguments& arguments, std::string_view name) {
  if (arguments.has(name)) return arguments.text(name);
  return fail(Next::Rejected, cli::kUsageWrong, cat("expected ", name, " for ", arguments.text("COMMAND")));
}

/// The root is trusted because its caller says so.
Result<void> init(const cli::Arguments& arguments) {
  const Blob root = TRY(linux::system::read_file(TRY(required(arguments, "ROOT")), device::update::kRootBytesMax));
  TRY(trust::tuf::verify_pinned_root(root, trust::tuf::root_digest(root)));
  const std::filesystem::path directory = TRY(required(arguments, "--metadata-dir"));
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  return programs::MetadataDirectory(directory).write("root", root);
}

Result<void> save(const std::filesystem::path& directory, std::string_view path, Bytes content) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const auto file = directory / device::update::as_segment(path);
  TRY(linux::system::write_file(file, content, FileMode::Public));
  std::printf("%s\n", file.c_str());
  return {};
}

/// From an earlier call, whole and right.
bool is_there(const std::filesystem::path& directory, std::string_view path, const trust::tuf::Target& target) {
  const auto file = directory / device::update::as_segment(path);
  const auto content = linux::system::read_file(file, static_cast<std::size_t>(target.length));
  const bool is_whole = content && content->size() == static_cast<std::size_t>(target.length) &&
                        trust::tuf::require_known_hash(path, target.hashes) &&
                        trust::tuf::require_hashes(path, target.hashes, *content);
  if (is_whole) std::printf("%s\n", file.c_str());
  return is_whole;
}

Result<void> download(const cli::Arguments& arguments, RepositoryClient& client, linux::system::SystemClock& clock) {
  const auto images =
      TRY(linux::net::WebRepository::make(TRY(required(arguments, "--target-base-url")), clock, kImageTimeouts));
  const std::filesystem::path directory = TRY(required(arguments, "--target-dir"));
  TRY(required(arguments, "--target-name"));
  for (const std::string& path : arguments.texts("--target-name")) {
    const auto target = TRY(client.find(path));
    if (!target) {
      return fail(Next::NotFound, trust::tuf::kTargetMissing, cat("expected a target ", printable(path), ", saw none"));
    }
    if (is_there(directory, path, *target)) continue;
    TRY(save(directory, path, TRY(client.download(*images, path, *target))));
  }
  return {};
}

Result<void> run(const cli::Arguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string& command = arguments.text("COMMAND");
  if (command == "init") return init(arguments);
  if (command != "refresh" && command != "download") {
    return fail(Next::Rejected, cli::kUsageWrong,
                cat("expected init, refresh or download, saw ", printable(command, 40)));
  }
  linux::system::SystemClock clock;
  programs::MetadataDirectory kept(TRY(required(arguments, "--metadata-dir")));
  const auto repository = TRY(linux::net::WebRepository::make(TRY(required(arguments, "--metadata-url")), clock));
  RepositoryClient client(*repository, kept);
  TRY(client.refresh(clock.wall_time()));
  return command == "download" ? download(arguments, client, clock) : Result<void>();
}

}  // namespace

int main(int argc, char** argv) {
  const cli::Program program{
      "holdfast-tuf-client",
      "Reads a TUF 1.0 repository as a Holdfast agent does: init trusts a root, refresh walks to the newest metadata, "
      "download fetches targets.",
      "",
      {{"",
        "",
        {{"COMMAND", "COMMAND", "init, refresh or download", true},
         {"ROOT", "ROOT", "with init: the root to trust"},
         {"--metadata-dir", "DIR", "where trusted metadata is kept, as root.json and so on"},
         {"--metadata-url", "URL", "where the repository's metadata is, http or https"},
         {"--target-name", "PATH", "with download: a target; may be repeated", false, true},
         {"--target-dir", "DIR", "with download: where its content goes"},
         {"--target-base-url", "URL", "with download: where the contents are"}},
        "  holdfast-tuf-client --metadata-dir trusted init root.json\n"
        "  holdfast-tuf-client --metadata-url http://repository.example/metadata --metadata-dir trusted refresh\n"
        "  holdfast-tuf-client --metadata-url http://repository.example/metadata --metadata-dir trusted \\\n"
        "    --target-name os/root.erofs --target-dir images --target-base-url http://repository.example/targets \\\n"
        "    download",
        run,
        1}}};
  return cli::run_program(program, argc, argv);
}
