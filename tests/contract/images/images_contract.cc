#include <doctest/doctest.h>

#include "base/encoding.h"
#include "fails_with.h"
#include "images_bench.h"
#include "trust/crypto/hash.h"

using namespace holdfast;
using ports::ImageFileName;

namespace {

ImageFileName named(Bytes content) { return {"acme", "os", "1.0", to_hex(trust::crypto::sha256(content)) + ".image"}; }

const Blob kContent = to_blob(as_bytes("an operating system, or something like it"));

}  // namespace

TEST_CASE("a file that came in pieces is there once it is whole, and not before") {
  const auto bench = tests::new_images();
  const auto name = named(kContent);
  const Bytes all = kContent;
  REQUIRE(bench->files().append(name, 0, all.first(10)));
  CHECK((*bench->files().length(name) == std::optional<std::int64_t>()));
  CHECK((*bench->files().read(name, 0, 5) == std::optional<Blob>()));
  bench->reopen();
  CHECK((*bench->files().received(name) == 10));
  REQUIRE(bench->files().append(name, 10, all.subspan(10)));
  REQUIRE(bench->files().finish(name));
  bench->reopen();
  CHECK((*bench->files().length(name) == std::optional(static_cast<std::int64_t>(all.size()))));
  CHECK((*bench->files().received(name) == static_cast<std::int64_t>(all.size())));
  CHECK((*bench->files().read(name, 3, 4) == std::optional(to_blob(all.subspan(3, 4)))));
  CHECK((*bench->files().read(name, static_cast<std::int64_t>(all.size()) - 2, 100) ==
         std::optional(to_blob(all.last(2)))));
  CHECK((*bench->files().read(name, 1000, 10) == std::optional(Blob())));
  CHECK(bench->files().finish(name));
}

TEST_CASE("a piece that does not go on where the last one ended is refused") {
  const auto bench = tests::new_images();
  const auto name = named(kContent);
  CHECK(fails_with(bench->files().append(name, 1, kContent), ports::kImageFileOffset));
  REQUIRE(bench->files().append(name, 0, kContent));
  CHECK(fails_with(bench->files().append(name, 0, kContent), ports::kImageFileOffset));
  REQUIRE(bench->files().finish(name));
  CHECK(fails_with(bench->files().append(name, static_cast<std::int64_t>(kContent.size()), kContent),
                   ports::kImageFileOffset));
}

TEST_CASE("bytes that are not what the name says never become a file") {
  const auto bench = tests::new_images();
  const auto name = named(kContent);
  REQUIRE(bench->files().append(name, 0, as_bytes("something else")));
  CHECK(fails_with(bench->files().finish(name), ports::kImageFileDiffers));
  CHECK((*bench->files().received(name) == 0));
  CHECK(fails_with(bench->files().finish(name), ports::kImageFileDiffers));
  CHECK((*bench->files().length(name) == std::optional<std::int64_t>()));
}

TEST_CASE("a name that leads elsewhere is refused") {
  const auto bench = tests::new_images();
  for (const auto& [catalog, component, version, file] :
       {std::array{"..", "os", "1.0", ""}, std::array{"acme", "../../etc", "1.0", ""}, std::array{"acme", "os", "", ""},
        std::array{"acme", "os", ".hidden", ""}, std::array{"acme", "os", "1.0", "passwd"},
        std::array{"acme", "os", "1.0", "/etc/passwd"}}) {
    ImageFileName name = named(kContent);
    name.catalog = catalog;
    name.component = component;
    name.version = version;
    if (*file != '\0') name.file = file;
    CHECK(fails_with(bench->files().append(name, 0, kContent), ports::kImageFileName));
    CHECK(fails_with(bench->files().read(name, 0, 1), ports::kImageFileName));
    CHECK(fails_with(bench->files().finish(name), ports::kImageFileName));
  }
}
