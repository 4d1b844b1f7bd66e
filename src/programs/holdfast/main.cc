// holdfast: the command-line tool of owners and operators.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "cli/arguments/completion.h"
#include "cli/commands/holdfast.h"
#include "linux/system/clock.h"
#include "linux/system/process.h"
#include "linux/system/random.h"
#include "linux/token/pkcs11_token.h"
#include "programs/holdfast/backup.h"
#include "programs/holdfast/factory.h"
#include "programs/holdfast/local_files.h"
#include "programs/holdfast/remote_service.h"
#include "programs/holdfast_delta/commands.h"
#include "programs/holdfast_delta/make.h"

namespace {

using namespace holdfast;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<std::string> usual_config_file() {
  if (std::string named = variable("HOLDFAST_CONFIG"); !named.empty()) return named;
  if (const std::string folder = variable("XDG_CONFIG_HOME"); !folder.empty()) {
    return cat(folder, "/holdfast/config.json");
  }
  if (const std::string home = variable("HOME"); !home.empty()) return cat(home, "/.config/holdfast/config.json");
  return std::nullopt;
}

Result<std::unique_ptr<ports::Token>> open_token(cli::TokenPlace place) {
  return TRY(linux::token::Pkcs11Token::open({.uri = std::move(place.uri),
                                              .pin_file = {},
                                              .refused_pin_file = std::move(place.refused_pin_file),
                                              .digest_key = std::move(place.digest_key)}));
}

}  // namespace

int main(int argc, char** argv) {
  // Owners' keys and operators' tokens go through this process.
  if (const auto kept = linux::system::keep_memory_private(); !kept) {
    std::fprintf(stderr, "holdfast: %s\n", kept.error().message.c_str());
    return cli::exit_code_of(kept.error());
  }
  linux::system::SystemClock clock;
  linux::system::SystemRandom random;
  programs::LocalFiles files;
  programs::RemoteService service(clock);
  const auto print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  const auto pause = [](Duration time) {
    std::fflush(stdout);
    std::this_thread::sleep_for(time);
    return std::ferror(stdout) == 0;
  };
  cli::World world{service, files, clock, random, usual_config_file(), print, pause, open_token};
  cli::Program program = cli::commands::holdfast(world);
  for (cli::Command& command : programs::backup_commands(world)) program.commands.push_back(std::move(command));
  program.commands.push_back(programs::factory_command());
  program.commands.push_back({.path = "delta",
                              .summary = "what has changed from one image to another (docs/delta.md)",
                              .options = {},
                              .examples = {},
                              .run = {}});
  for (cli::Command& command : programs::delta_commands("delta ", "holdfast delta", programs::make_delta_file)) {
    program.commands.push_back(std::move(command));
  }
  program.commands.push_back(cli::Command{
      .path = "completion",
      .summary = "print a script that completes commands and options in bash",
      .options = {},
      .examples = "  holdfast completion >/etc/bash_completion.d/holdfast\n  source <(holdfast completion)",
      .run = [&](const cli::Arguments&) -> Result<void> {
        world.print(cli::bash_completion(program));
        return {};
      }});
  const int code = cli::run_program(program, argc, argv);
  // What could not be printed was not done: a full disk behind a pipe is a failure too.
  if (std::fflush(stdout) != 0 && code == 0) {
    std::perror("holdfast: standard output");
    return 1;
  }
  return code;
}
