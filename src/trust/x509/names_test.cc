#include "trust/x509/names.h"

#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {
Certificate naming(std::initializer_list<std::string_view> hosts) {
  const Service world;
  Blob names;
  for (const std::string_view host : hosts) names = concat({names, dns_name(host)});
  return certify(world.ca_key, {.issuer = to_blob(world.ca.subject_der()),
                                .subject = name("orchard", ""),
                                .spki = world.server_key.public_key().spki(),
                                .extensions = server_extensions(world.server_key, world.ca, names)});
}
}  // namespace

TEST_CASE("a host is letters, digits and hyphens in labels, and no address") {
  for (const char* good : {"a", "localhost", "a.b", "xn--bcher-kva.example", "3com.com", "A-b.C"}) CHECK(is_host(good));
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "-a.b", "a-.b", "a_b.c", "*.a.b", "8.8.8.8", "a.1", "a b", "\xC3\xA4.b"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_host(bad));
  }
  CHECK_FALSE(is_host(std::string(64, 'a')));
  CHECK_FALSE(is_host(std::string_view("a\0b.c", 5)));
  CHECK(is_host_pattern("*.example.com"));
  for (const char* bad : {"*", "*.com", "*.*.com", "a*.example.com", "foo.*.com"}) CHECK_FALSE(is_host_pattern(bad));
}

TEST_CASE("a mailbox has one @ and a host") {
  CHECK(is_mailbox("*@example.com"));
  for (const char* bad : {"", "@a.b", "a@", "a@b@c.d", "a b@c.d", "a@.c"}) CHECK_FALSE(is_mailbox(bad));
}

TEST_CASE("addresses have one text") {
  CHECK(address_text(*address_from("127.0.0.1")) == "127.0.0.1");
  for (const auto& [written, canonical] : {std::pair{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                           {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                                           {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
                                           {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                                           {"1::", "1::"},
                                           {"::", "::"},
                                           {"::ffff:192.0.2.1", "::ffff:c000:201"}}) {
    CHECK(address_text(*address_from(written)) == canonical);
  }
  for (const char* bad : {"", "127.0.0.01", "1.2.3", "0x7f.1", "::1%lo", "1.2.3.4 ", "localhost"}) {
    CHECK_FALSE(address_from(bad));
  }
  CHECK_FALSE(address_from(std::string_view("1.2.3.4\0x", 9)));
}

TEST_CASE("a certificate names its hosts without regard to case, and no others") {
  const Certificate certificate = naming({"Example.com", "a.example.com"});
  CHECK(names_host(certificate, "example.COM"));
  CHECK(names_host(certificate, "a.example.com"));
  CHECK_FALSE(names_host(certificate, "b.example.com"));
  CHECK_FALSE(names_host(certificate, "example.com."));
  CHECK_FALSE(names_host(certificate, "com"));
}

TEST_CASE("a wildcard stands for one label, beside its base alone") {
  const Certificate both = naming({"example.com", "*.example.com"});
  CHECK(names_host(both, "foo.example.com"));
  CHECK_FALSE(names_host(both, "foo.bar.example.com"));
  CHECK_FALSE(names_host(both, "*.example.com"));
  const Certificate public_suffix = naming({"*.co.uk"});
  CHECK_FALSE(names_host(public_suffix, "example.co.uk"));
  const Certificate top_level = naming({"com", "*.com"});
  CHECK_FALSE(names_host(top_level, "example.com"));
}

TEST_CASE("the common name names nobody") {
  const Service world;
  const Certificate certificate =
      certify(world.ca_key, {.issuer = to_blob(world.ca.subject_der()),
                             .subject = name("", "example.com"),
                             .spki = world.server_key.public_key().spki(),
                             .extensions = server_extensions(world.server_key, world.ca, dns_name("other.example"))});
  CHECK_FALSE(names_host(certificate, "example.com"));
}
