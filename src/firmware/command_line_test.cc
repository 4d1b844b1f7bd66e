#include "firmware/command_line.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::firmware {
namespace {

const SystemName kSystem{"os", "2.0", 3};

std::string a_line() {
  VerifiedRoot root{.offset = 8192, .bytes = 4 * 4096, .tree_offset = 8192 + 4 * 4096};
  root.root[0] = 0xAB;
  return command_line(root, kSystem, "PARTUUID=loader", "console=ttyS0");
}

}  // namespace

TEST_CASE("the kernel is told where the root is, in sectors and blocks, and to stop where it is not the signed one") {
  const std::string line = a_line();
  const std::string zeros(62, '0');
  CHECK(line.find("part,,,ro,0 32 linear PARTUUID=loader 16;") != std::string::npos);
  CHECK(line.find("root,,,ro,0 32 verity 1 /dev/dm-0 PARTUUID=loader 4096 4096 4 6 sha256 ab" + zeros + " 00" + zeros +
                  " 1 panic_on_corruption\"") != std::string::npos);
  CHECK(line.find(" root=/dev/dm-1 rootfstype=erofs ") != std::string::npos);
  CHECK(line.find(" panic=-1 ") != std::string::npos);
}

TEST_CASE("the first process reads which system it is from the same line, once and whole") {
  const auto read = system_in(a_line() + "\n");
  REQUIRE(read);
  CHECK((*read == kSystem));
  CHECK(fails_with(system_in(""), kCommandLineMalformed));
  CHECK(fails_with(system_in(a_line() + " holdfast.version=1.0"), kCommandLineMalformed));
  CHECK(fails_with(system_in("holdfast.component=os holdfast.version=1 holdfast.security_version=x"),
                   kCommandLineMalformed));
  CHECK(fails_with(system_in("holdfast.component= holdfast.version=1 holdfast.security_version=1"),
                   kCommandLineMalformed));
  CHECK(fails_with(system_in("holdfast.component=os holdfast.version=1 holdfast.security_version=-1"),
                   kCommandLineMalformed));
}

TEST_CASE("the line says whose words tell good boots, and where they lie, where the system has any") {
  SystemName system = kSystem;
  system.seal = Seal{.words_at = 8323072, .authority_sha256 = {}};
  system.seal->authority_sha256[31] = 0xCD;
  const auto read = system_in(command_line({}, system, "PARTUUID=loader", ""));
  REQUIRE(read);
  CHECK((*read == system));
  for (const char* bad : {"holdfast.seal=", "holdfast.seal=1", "holdfast.seal=1:ab", "holdfast.seal=-1:00"}) {
    CHECK(fails_with(system_in(a_line() + " " + bad), kCommandLineMalformed));
  }
}

}  // namespace holdfast::firmware
