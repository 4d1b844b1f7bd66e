#include "linux/init/panics.h"

#include <doctest/doctest.h>

#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::init {

TEST_CASE("what a kernel left is read in its order, and erased once it is kept") {
  tests::TemporaryFolder folder;
  const auto put = [&](const std::string& name, std::string_view text) {
    REQUIRE(system::write_file(folder.path() / name, as_bytes(text), system::FileMode::Private));
  };
  CHECK(read_panics(folder.path())->empty());
  CHECK(read_panics(folder.path() / "nothing")->empty());
  put("dmesg-efi_pstore-166000000001001", "<0>[ 9.1] Kernel panic - not syncing: dm-verity device corrupted\n");
  put("dmesg-efi_pstore-166000000002001", "<6>[ 8.0] before\n");
  const auto log = read_panics(folder.path());
  REQUIRE(log);
  CHECK(log->starts_with("<6>[ 8.0] before"));
  CHECK(why_panicked(*log) == "Kernel panic - not syncing: dm-verity device corrupted");
  CHECK(why_panicked("all is well").empty());
  REQUIRE(erase_panics(folder.path()));
  CHECK(read_panics(folder.path())->empty());
  put("long", std::string(2 * kPanicBytesMax, 'x'));
  CHECK(read_panics(folder.path())->size() == kPanicBytesMax);
}

}  // namespace holdfast::linux::init
