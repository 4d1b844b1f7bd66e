#include "soft_hsm.h"

#include <doctest/doctest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <fstream>
#include <vector>

#include "base/text.h"
#include "linux/system/files.h"
#include "skip.h"

namespace holdfast::tests {

namespace system = linux::system;

namespace {

constexpr const char* kUtility = "/usr/bin/softhsm2-util";

int exit_code_of(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  REQUIRE(::posix_spawn(&child, argv.front(), nullptr, nullptr, argv.data(), environ) == 0);
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string SoftHsm::module() {
  for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return {};
}

std::unique_ptr<SoftHsm> SoftHsm::start() {
  if (module().empty() || !std::filesystem::exists(kUtility)) {
    skip_program("SoftHSM is not installed (the Debian package softhsm2)");
    return {};
  }
  return std::unique_ptr<SoftHsm>(new SoftHsm());
}

SoftHsm::SoftHsm() {
  const auto tokens = folder_.path() / "tokens";
  std::filesystem::create_directory(tokens);
  const auto conf = folder_.path() / "softhsm2.conf";
  std::ofstream(conf) << "directories.tokendir = " << tokens.string()
                      << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  REQUIRE(setenv("SOFTHSM2_CONF", conf.c_str(), 1) == 0);
  make_token("holdfast");
}

void SoftHsm::make_token(const std::string& label) {
  CHECK(exit_code_of({kUtility, "--init-token", "--free", "--label", label, "--so-pin", "13579", "--pin",
                      std::string(kTokenPin)}) == 0);
}

std::filesystem::path SoftHsm::pin_file(std::string_view pin) {
  const auto path = folder_.path() / "token.pin";
  REQUIRE(system::write_file(path, as_bytes(cat(pin, "\n")), system::FileMode::Private));
  return path;
}

std::string SoftHsm::uri(const std::string& label) const {
  return cat("pkcs11:token=", label, "?module-path=", module());
}

linux::token::TokenOptions SoftHsm::options(const std::string& label, std::string_view pin) {
  return {.uri = uri(label),
          .pin_file = pin_file(pin),
          .refused_pin_file = folder_.path() / "refused-pin",
          .digest_key = Secret(Blob(32, 0x5A))};
}

}  // namespace holdfast::tests
