#include "cli/release/packages.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"

namespace holdfast::cli::release {
namespace {

constexpr std::string_view kStatus =
    "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b2\nSource: bash (5.2.15-2)\n"
    "Maintainer: Matthias Klose <doko@debian.org>\nDescription: GNU shell\n goes on\n .\n\twith a tab\n\n"
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n\n"
    "Package: adduser\nStatus: install ok installed\nArchitecture: all\nVersion: 1:3.134\n";

TEST_CASE("the packages that are installed are read, by name, and those that are not are left out") {
  const auto packages = packages_in(as_bytes(kStatus));
  REQUIRE(packages);
  CHECK(*packages ==
        std::vector<Package>{{"adduser", "1:3.134", "all", "", ""},
                             {"bash", "5.2.15-2+b2", "amd64", "bash (5.2.15-2)", "Matthias Klose <doko@debian.org>"}});
}

TEST_CASE("what a package URL reserves is escaped") {
  CHECK(purl_of({"libstdc++6", "1:12.2~rc1+b2", "amd64"}) ==
        "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2~rc1%2Bb2?arch=amd64");
}

TEST_CASE("an installed package without name, version or architecture refuses the whole file") {
  for (const char* missing : {"Package: bash\n", "Architecture: amd64\n", "Version: 5.2.15-2+b2\n"}) {
    std::string status(kStatus);
    status.erase(status.find(missing), std::string_view(missing).size());
    CHECK(fails_with(packages_in(as_bytes(status)), kPackagesMalformed));
  }
}

TEST_CASE("lines that are no fields, and fields without end, are refused") {
  CHECK(fails_with(packages_in(as_bytes("no field\n")), kPackagesMalformed));
  CHECK(fails_with(packages_in(as_bytes("Package: " + std::string(600, 'a') + "\n")), kPackagesMalformed));
  CHECK(packages_in({})->empty());
}

TEST_CASE("more packages than the limit are refused") {
  std::string status;
  for (std::size_t i = 0; i <= kPackagesMax; ++i) {
    status += cat("Package: p", i, "\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n");
  }
  CHECK(fails_with(packages_in(as_bytes(status)), kPackagesMalformed));
}

}  // namespace
}  // namespace holdfast::cli::release
