#include <doctest/doctest.h>

#include "delta/old/old_image.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::delta::old;

TEST_CASE("a file is its extents, one after another") {
  const Blob bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  OldBytes image(bytes);
  const auto file = OldFile::make(image, {{7, 3}, {0, 2}, {4, 1}});
  REQUIRE(file);
  CHECK(file->length() == 6);
  Blob read(5);
  CHECK(file->read(1, read));
  CHECK(read == Blob{8, 9, 0, 1, 4});
  CHECK(file->read(6, std::span(read).first(0)));
}

TEST_CASE("reading past a file, and a file past its image, are refused") {
  const Blob bytes(10);
  OldBytes image(bytes);
  CHECK(fails_with(OldFile::make(image, {{8, 3}}), kOldImageOutside));
  CHECK(fails_with(OldFile::make(image, {{0xFFFFFFFF, 0xFFFFFFFF}}), kOldImageOutside));
  Blob read(2);
  CHECK(fails_with(OldFile(image).read(9, read), kOldImageOutside));
  CHECK(fails_with(OldFile(image).read(0xFFFFFFFF, read), kOldImageOutside));
}
