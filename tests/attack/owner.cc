#include "attack/owner.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/session/config.h"

namespace holdfast::tests {
namespace {

constexpr const char* kProduct = "gateway";
constexpr const char* kGroup = "field";

}  // namespace

std::string path_in(const std::string& catalog, std::string_view rest) { return cat("/v1/catalogs/", catalog, rest); }

Owner::Owner(std::filesystem::path folder, const Reached& reached, const std::filesystem::path& owner_link)
    : folder_(std::move(folder)), reached_(reached) {
  const auto done = [&](const std::vector<std::string>& words) {
    const Ran ran = holdfast(words);
    REQUIRE_MESSAGE(ran.code == 0, ran.printed);
  };
  done({"login", "--link-file", owner_link.string(), "--name", "ada"});
  const std::string config = text_of_file(folder_ / "operator.json");
  const auto parsed = cli::parse_config(as_bytes(config));
  REQUIRE(parsed);
  token_ = as_text(parsed->token.expose());
  done({"owner", "init", "--dir", (folder_ / "owner").string()});
  for (const char* catalog : {kAcme, kRival}) found(catalog);
}

Ran Owner::holdfast(const std::vector<std::string>& arguments) const {
  return run_holdfast(folder_ / "operator.json", arguments);
}

void Owner::found(const std::string& catalog) const {
  const Ran ran = holdfast({"catalog", "create", catalog, "--owner", (folder_ / "owner").string()});
  REQUIRE_MESSAGE(ran.code == 0, ran.printed);
  Caller ada = owner();
  REQUIRE(ada.post(path_in(catalog, "/products"), json::Object{{"name", kProduct}}).status == 201);
  REQUIRE(ada.post(path_in(catalog, "/device-groups"), json::Object{{"product", kProduct}, {"name", kGroup}}).status ==
          201);
  const auto set = reference_set("os", "1.0", good_boot());
  const Answer added = ada.post(path_in(catalog, "/reference-values"), trust::appraisal::to_json(set));
  REQUIRE(added.status == 201);
  const std::string where = cat("/reference-values/", added.text("id"), "/allowed?product=gateway&device_group=field");
  REQUIRE(ada.send("PUT", path_in(catalog, where), "").status == 200);
}

std::string Owner::add_operator(const std::string& name, const std::string& scope, const std::string& catalog) const {
  json::Value order = json::Object{{"name", name}, {"scope", scope}};
  if (!catalog.empty()) order.set("catalog", catalog);
  const Answer made = owner().post("/v1/operators", order);
  REQUIRE(made.status == 201);
  return made.text("token");
}

Blob Owner::ticket(const std::string& catalog) const {
  const Answer made =
      owner().post(path_in(catalog, "/claims"), json::Object{{"product", kProduct}, {"device_group", kGroup}});
  REQUIRE(made.status == 201);
  return to_blob(as_bytes(json::dump(made.body)));
}

std::unique_ptr<SoftDevice> Owner::add_device(const std::string& catalog) const {
  auto device = std::make_unique<SoftDevice>();
  const std::string line = cat(to_hex(device->endorsement_sha256()), ",", kProduct, ",", kGroup);
  REQUIRE(owner().send("POST", path_in(catalog, "/factory-list"), line).status == 200);
  device->offer_ticket(ticket(catalog));
  REQUIRE(device->settle());
  REQUIRE(device->client_key());
  return device;
}

bool Owner::serves() const {
  return owner().get("/v1/catalogs").status == 200 &&
         Caller(device_port()).get(cat("/v1/bootstrap/", kAcme)).status == 200;
}

}  // namespace holdfast::tests
