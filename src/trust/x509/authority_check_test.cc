#include "trust/x509/authority_check.h"

#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {
Result<void> judged(const Catalog& catalog, const Certificate& ca) {
  return require_issuing_ca(ca, catalog.root, catalog.authority, kCatalog, 1, kNow);
}
}  // namespace

TEST_CASE("an issuing CA that its root made by the profile is taken") {
  const Catalog clients(Authority::Client);
  CHECK(judged(clients, clients.ca));
  const Catalog updates(Authority::Update);
  CHECK(judged(updates, updates.ca));
}

TEST_CASE("an issuing CA of another kind, catalog, number or time is refused") {
  const Catalog clients(Authority::Client);
  const auto reason = [&](Authority kind, std::string_view catalog, int number, WallTime now) {
    const auto kept = require_issuing_ca(clients.ca, clients.root, kind, catalog, number, now);
    REQUIRE_FALSE(kept);
    return kept.error().reason;
  };
  CHECK(reason(Authority::Update, kCatalog, 1, kNow) == kAuthorityWrong);
  CHECK(reason(Authority::Client, "vineyard", 1, kNow) == kAuthorityWrong);
  CHECK(reason(Authority::Client, kCatalog, 2, kNow) == kAuthorityWrong);
  CHECK(reason(Authority::Client, kCatalog, 1, clients.ca.not_after() + seconds(1)) == kAuthorityWrong);
}

TEST_CASE("an issuing CA with more power than its profile is refused") {
  const Catalog clients(Authority::Client);
  const Blob extensions =
      concat({ca_extensions(clients.ca_key, clients.root.subject_key_identifier(), 0), name_constraints(kCatalog)});
  const Certificate wider = certify(clients.root_key, {.issuer = to_blob(clients.root.subject_der()),
                                                       .subject = name(kCatalog, "orchard client CA 1"),
                                                       .spki = clients.ca_key.public_key().spki(),
                                                       .extensions = extensions,
                                                       .serial = to_blob(serial_of(4))});
  CHECK(judged(clients, wider).error().reason == kAuthorityWrong);
}

TEST_CASE("an issuing CA that its root did not sign is refused") {
  const Catalog clients(Authority::Client);
  const Certificate forged = certified(key_from(66), issuing_ca_to_be_signed(clients.ca_profile(kCatalog)));
  CHECK(judged(clients, forged).error().reason == kAuthorityWrong);
}
