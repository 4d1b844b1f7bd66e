#include "service/gateway/preconditions.h"

#include "base/text.h"
#include "ports/store/rows/device.h"
#include "service_world.h"

namespace holdfast::service::gateway {
namespace {

using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;

constexpr std::string_view kDevice = "/v1/catalogs/acme/devices/hf-one";

/// A catalog with one device.
class Fleet : public ServiceWorld {
 public:
  Fleet() {
    ports::DeviceRow device;
    device.catalog = kAcme;
    device.device = "hf-one";
    device.product = tests::kProduct;
    device.device_group = tests::kGroup;
    device.running = "[]";
    insert(device);
  }

  Response call(std::string_view method, std::string_view path, std::string_view body,
                std::optional<std::string> if_match, std::optional<std::string> if_none_match = {}) {
    Request out;
    out.method = method;
    out.path = path;
    out.authorization = cat("Bearer ", token_);
    out.body = to_blob(as_bytes(body));
    out.if_match = std::move(if_match);
    out.if_none_match = std::move(if_none_match);
    return send(out);
  }
  std::string etag(std::string_view path) { return call("GET", path, "", {}).etag; }
  ports::DeviceState state() { return find<ports::DeviceRow>(kAcme, "hf-one")->state; }

 private:
  std::string token_ = token("ada", Scope::Own);
};

}  // namespace

TEST_CASE("one object has a strong entity tag that changes with it, and is not sent to who has it") {
  Fleet fleet;
  const std::string before = fleet.etag(kDevice);
  CHECK(before.size() == 34);
  CHECK(fleet.etag(kDevice) == before);
  for (const std::string& had : {before, cat("W/", before), cat("\"x\" , ", before), std::string("*")}) {
    const Response answer = fleet.call("GET", kDevice, "", {}, had);
    CHECK(answer.status == 304);
    CHECK(answer.body.empty());
    CHECK(answer.etag == before);
  }
  REQUIRE(fleet.call("POST", cat(kDevice, "/hold"), "", {}).status == 200);
  CHECK(fleet.etag(kDevice) != before);
  CHECK(fleet.call("GET", kDevice, "", {}, before).status == 200);
}

TEST_CASE("a change under If-Match happens to the object that was looked at, or not at all") {
  Fleet fleet;
  const std::string before = fleet.etag(kDevice);
  for (const std::string& other : {std::string("\"00\""), cat("W/", before), std::string("\"\"")}) {
    const Response refused = fleet.call("POST", cat(kDevice, "/hold"), "", other);
    CHECK(refused.status == 412);
    CHECK(reason_of(refused) == kPreconditionFailed.word());
  }
  CHECK(fleet.state() == ports::DeviceState::Enrolled);
  CHECK(fleet.call("POST", cat(kDevice, "/hold"), "", cat("\"00\", ", before)).status == 200);
  CHECK(fleet.call("POST", cat(kDevice, "/release-hold"), "", before).status == 412);
  CHECK(fleet.state() == ports::DeviceState::Held);
  CHECK(fleet.call("POST", cat(kDevice, "/release-hold"), "", "*").status == 200);
}

TEST_CASE("the object is compared in the transaction that changes it") {
  Fleet fleet;
  const std::string before = fleet.etag(kDevice);
  fleet.before_next_write([&] {
    auto row = *fleet.find<ports::DeviceRow>(kAcme, "hf-one");
    row.boot_count = 9;
    fleet.update(row);
  });
  CHECK(fleet.call("POST", cat(kDevice, "/hold"), "", before).status == 412);
  CHECK(fleet.state() == ports::DeviceState::Enrolled);
}

TEST_CASE("a policy is set over the version that was looked at, or only where there is none") {
  Fleet fleet;
  constexpr std::string_view kPolicy = "/v1/catalogs/acme/policies/strict";
  CHECK(fleet.call("POST", kPolicy, R"({"version":1})", "*").status == 412);
  CHECK(fleet.call("POST", kPolicy, R"({"version":1})", {}, "*").status == 201);
  CHECK(fleet.call("POST", kPolicy, R"({"version":2})", {}, "*").status == 412);
  const std::string first = fleet.etag(kPolicy);
  CHECK(fleet.call("POST", kPolicy, R"({"version":2})", first).status == 201);
  CHECK(fleet.call("POST", kPolicy, R"({"version":3})", first).status == 412);
  CHECK(fleet.call("GET", cat(kPolicy, "/versions"), "", {}).status == 200);
}

TEST_CASE("what a request cannot keep is refused and changes nothing, and so is what is no entity tag") {
  Fleet fleet;
  const auto reason = [&](const std::optional<std::string>& match, const std::optional<std::string>& none) {
    return reason_of(fleet.call("POST", "/v1/catalogs/acme/products", R"({"name":"meter"})", match, none));
  };
  CHECK(reason("*", {}) == kPreconditionUnsupported.word());
  CHECK(reason({}, "*") == kPreconditionUnsupported.word());
  for (const std::string_view odd : {"", "abc", "\"a", "\"a b\"", "*, \"a\"", "\"a\",,\"b\"", "\"a\";\"b\""}) {
    CAPTURE(odd);
    CHECK(reason(std::string(odd), {}) == kPreconditionMalformed.word());
  }
  CHECK(fleet.call("GET", "/v1/catalogs/acme/products/meter", "", {}).status == 404);
}

}  // namespace holdfast::service::gateway
