#include "programs/holdfast/factory.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"

namespace holdfast::programs {
namespace {

namespace fs = std::filesystem;

constexpr Reason kToolsMissing{"image-tools-missing"};
const char* const kInstalled = "/usr/share/holdfast/os";
/// Those that go to the tools as they are.
constexpr std::array kPassedOn = {"--dir",  "--count",    "--side-by-side", "--image",
                                  "--keys", "--maker-ca", "--product",      "--device-group"};

fs::path programs_folder() {
  std::error_code problem;
  return fs::read_symlink("/proc/self/exe", problem).parent_path();
}

/// Beside the tree that this was built in, or installed with it.
Result<fs::path> find_tools() {
  for (const fs::path& one : {programs_folder() / "../../os", fs::path(kInstalled)}) {
    if (fs::exists(one / "factory.py")) return one.lexically_normal();
  }
  return fail(Next::NotFound, kToolsMissing,
              cat("expected the image tools beside this program's tree or in ", kInstalled, ", saw none"));
}

/// Returns where it failed: else this process is the tools'.
Result<void> make(const cli::Arguments& arguments) {
  const fs::path tools = TRY(find_tools());
  std::vector<std::string> words = {"python3", tools.string(), "--bin", programs_folder().string(), "factory"};
  for (const char* name : kPassedOn) {
    if (arguments.has(name)) words.insert(words.end(), {name, arguments.text(name)});
  }
  std::vector<char*> pointers;
  for (std::string& one : words) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  return fail(Next::Rejected, kToolsMissing, cat("expected to start python3, saw: ", std::strerror(errno)));
}

}  // namespace

cli::Command factory_command() {
  return {.path = "factory",
          .summary = "make virtual devices side by side, and check each at the end of the line (docs/os.md)",
          .options =
              {{.name = "--dir", .value = "DIR", .help = "for them, their birth records and reports", .required = true},
               {.name = "--count", .value = "N", .help = "how many", .required = true},
               {.name = "--side-by-side", .value = "N", .help = "how many at a time", .otherwise = "2"},
               {.name = "--image", .value = "DIR", .help = "the system, as python3 os image made it", .required = true},
               {.name = "--keys", .value = "DIR", .help = "the firmware's keys", .required = true},
               {.name = "--maker-ca",
                .value = "DIR",
                .help = "CA of the TPM's maker; made at its first use",
                .required = true},
               {.name = "--product", .value = "PRODUCT", .help = "for the factory list", .required = true},
               {.name = "--device-group", .value = "GROUP", .help = "for the factory list", .required = true}},
          .examples =
              "  holdfast factory --dir batch-17 --count 20 --image os-2.0 --keys keys --maker-ca maker \\\n"
              "    --product gateway --device-group field\n"
              "  holdfast claim factory-list add batch-17/factory-list.csv",
          .run = make};
}

}  // namespace holdfast::programs
