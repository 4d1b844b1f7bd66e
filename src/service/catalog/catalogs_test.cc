#include "service/catalog/catalogs.h"

#include "fails_with.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/device.h"
#include "service/catalog/fleet.h"
#include "soft_device.h"

namespace holdfast::service::catalog {
namespace {

using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  Result<void> create(const NewCatalog& order) {
    return write([&](ports::Transaction& tx) -> Result<void> {
      TRY(create_catalog(tx, deps(), order, tests::kAda, now()));
      return {};
    });
  }
  NewCatalog order(std::string name) {
    NewCatalog out;
    out.name = std::move(name);
    out.owner_root = find<ports::OwnerDocumentRow>(kAcme, ports::OwnerDocument::Root, 1)->bytes;
    return out;
  }
  Result<void> product(std::string name, std::string catalog = std::string(kAcme)) {
    return write([&](ports::Transaction& tx) {
      return create_product(tx, {std::move(catalog), std::move(name), "", now()}, tests::kAda);
    });
  }
  Result<void> group(std::string in, std::string name) {
    return write([&](ports::Transaction& tx) {
      return create_device_group(tx, {std::string(kAcme), std::move(in), std::move(name), "default", "", now()},
                                 tests::kAda);
    });
  }
  Result<void> move(SoftDevice& device, std::string product, std::string group) {
    const auto row = device.row();
    return write([&](ports::Transaction& tx) -> Result<void> {
      TRY(move_device(tx, row, std::move(product), std::move(group), tests::kAda, now()));
      return {};
    });
  }
  std::size_t valid_certificates() {
    auto all = rows<ports::CertificateRow>(kAcme);
    return static_cast<std::size_t>(
        std::ranges::count(all, ports::CertificateState::Valid, &ports::CertificateRow::state));
  }
};

}  // namespace

TEST_CASE("a catalog begins with a root that its owner signed, in preparation, under a name of its alphabet") {
  World world;
  REQUIRE(world.create(world.order("beta")));
  CHECK(world.find<ports::CatalogRow>("beta")->state == ports::CatalogState::Preparing);
  CHECK(world.audited("beta") ==
        std::vector<std::string>{"catalog.created", "owner-root.added", "authority.prepared", "authority.prepared"});
  CHECK(fails_with(world.create(world.order("beta")), kAlreadyThere));
  for (const std::string_view name : {"", "ab", "_service", "Acme", "a/b", "a..b", "-ab", "ab-", "a b"}) {
    CAPTURE(name);
    CHECK(fails_with(world.create(world.order(std::string(name))), kNameMalformed));
  }
  CHECK(fails_with(world.create(world.order(std::string(49, 'a'))), kNameMalformed));
}

TEST_CASE("a catalog that is refused leaves nothing: no row, no key, no entry") {
  World world;
  auto order = world.order("beta");
  order.owner_root.back() ^= 1;
  CHECK(fails_with(world.create(order), Next::Rejected));
  CHECK_FALSE(world.find<ports::CatalogRow>("beta"));
  CHECK(world.rows<ports::KeyRow>("beta").empty());
  CHECK(world.audited("beta").empty());
}

TEST_CASE("a trust domain goes with the spiffe form, and none with the urn form") {
  World world;
  auto order = world.order("beta");
  order.trust_domain = "beta.test";
  CHECK(fails_with(world.create(order), kInputMalformed));
  order.name_form = ports::NameForm::Spiffe;
  order.trust_domain.clear();
  CHECK(fails_with(world.create(order), kInputMalformed));
}

TEST_CASE("products and groups hang from what is there, once") {
  World world;
  CHECK(fails_with(world.product("meter", "nowhere"), kNothingThere));
  CHECK(fails_with(world.product("Meter"), kNameMalformed));
  REQUIRE(world.product("meter"));
  CHECK(fails_with(world.product("meter"), kAlreadyThere));
  CHECK(fails_with(world.group("nothing", "lab"), kNothingThere));
  CHECK(fails_with(world.group("meter", "a/b"), kNameMalformed));
  REQUIRE(world.group("meter", "lab"));
  CHECK(fails_with(world.group("meter", "lab"), kAlreadyThere));
}

TEST_CASE("holding a device ends all that it holds now; letting it go gives nothing back but the next appraisal") {
  World world;
  REQUIRE(world.owner().allow(world.deps(), tests::good_image(), world.now()));
  SoftDevice device(world, "a");
  device.join();
  REQUIRE(device.verdict() == "healthy");
  REQUIRE(world.valid_certificates() == 2);
  device.set_hold(true);
  CHECK(world.valid_certificates() == 0);
  CHECK(device.verdict() == "quarantined");
  const auto entries = world.audited().size();
  device.set_hold(true);
  CHECK(world.audited().size() == entries);
  CHECK(world.valid_certificates() == 1);
  device.set_hold(false);
  CHECK(world.valid_certificates() == 1);
  CHECK(device.verdict() == "healthy");
}

TEST_CASE("a device moves only to a group that is there") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  CHECK(fails_with(world.move(device, "gateway", "nowhere"), kNothingThere));
  REQUIRE(world.group("gateway", "lab"));
  REQUIRE(world.move(device, "gateway", "lab"));
  CHECK(device.row().device_group == "lab");
}

}  // namespace holdfast::service::catalog
