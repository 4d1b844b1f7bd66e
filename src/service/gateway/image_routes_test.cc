#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/certificate.h"
#include "service_world.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {
namespace {

using tests::kAcme;
using tests::ServiceWorld;

/// A device's certificate is what its row says, so that a row and any bytes make one.
struct World : ServiceWorld {
  World() {
    ports::CertificateRow row;
    row.catalog = kAcme;
    row.sha256 = trust::crypto::sha256(certificate);
    row.device = "nobody";
    row.not_before = now() - hours(1);
    row.not_after = now() + hours(1);
    insert(row);
  }
  /// An image of this many bytes, each its place.
  void give(std::size_t bytes) {
    Blob content(bytes);
    for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<std::uint8_t>(i);
    name = {std::string(kAcme), "door", "1.0", to_hex(trust::crypto::sha256(content)) + ".image"};
    REQUIRE(deps().images.append(name, 0, content));
    REQUIRE(deps().images.finish(name));
  }
  Response ask(std::optional<std::string> range) {
    Request request;
    request.port = Port::Device;
    request.method = "GET";
    request.path = cat("/v1/images/acme/targets/door/1.0/", name.file);
    request.range = std::move(range);
    request.client_certificate = certificate;
    return send(request);
  }

  const Blob certificate = to_blob(as_bytes("a certificate"));
  ports::ImageFileName name;
};

}  // namespace

TEST_CASE("a range is answered with just its bytes, and with fewer at the end") {
  World world;
  world.give(100);
  const Response piece = world.ask("bytes=10-13");
  CHECK(piece.status == 206);
  CHECK(piece.body == Blob{10, 11, 12, 13});
  CHECK(piece.content_range == "bytes 10-13/100");
  const Response rest = world.ask("bytes=98-500");
  CHECK(rest.body == Blob{98, 99});
  CHECK(rest.content_range == "bytes 98-99/100");
  CHECK(world.ask("bytes=98-").body == rest.body);
  CHECK(world.ask("bytes=100-").status == 416);
  CHECK(world.ask("bytes=100-").content_range == "bytes */100");
}

TEST_CASE("a range that is none is passed over, and a small file is answered whole") {
  World world;
  world.give(100);
  for (const char* odd : {"bytes=", "bytes=5", "bytes=-5", "bytes=9-5", "bytes=0-1,3-4", "words=0-1", "bytes=x-1"}) {
    CAPTURE(odd);
    CHECK(world.ask(odd).status == 200);
    CHECK(world.ask(odd).body.size() == 100);
  }
  CHECK(world.ask({}).status == 200);
}

TEST_CASE("a large file is handed out by ranges alone, and each is bounded") {
  World world;
  world.give(ports::kImagePieceBytesMax + 5);
  const Response whole = world.ask({});
  CHECK(whole.status == 416);
  CHECK(whole.content_range == cat("bytes */", ports::kImagePieceBytesMax + 5));
  const Response first = world.ask("bytes=0-");
  CHECK(first.status == 206);
  CHECK(first.body.size() == ports::kImagePieceBytesMax);
  CHECK(world.ask(cat("bytes=", ports::kImagePieceBytesMax, "-")).body.size() == 5);
}

}  // namespace holdfast::service::gateway
