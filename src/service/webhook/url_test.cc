#include "service/webhook/url.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::service::webhook {
namespace {

void check_refused(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(fails_with(parse_url(text), kWebhookUrlMalformed));
  }
}

}  // namespace

TEST_CASE("a webhook's URL is a host, a port and a target") {
  const auto url = parse_url("https://Hooks.Example.com:8443/a/b%20c?token=x&y");
  REQUIRE(url);
  CHECK(url->host == "hooks.example.com");
  CHECK(url->port == 8443);
  CHECK(url->target == "/a/b%20c?token=x&y");
  CHECK_FALSE(url->address);
  CHECK(url->without_query() == "https://hooks.example.com:8443/a/b%20c");
  CHECK(url->origin() == "https://hooks.example.com:8443");
  CHECK(parse_url("https://a.example")->target == "/");
  CHECK(parse_url("https://a.example?x")->target == "/?x");
  CHECK(parse_url("https://a.example")->origin() == "https://a.example");
}

TEST_CASE("a host that is an address is known as one") {
  CHECK(parse_url("https://10.0.0.1/")->address == *ports::parse_ip_address("10.0.0.1"));
  const auto url = parse_url("https://[fd00::1]:444/x");
  REQUIRE(url);
  CHECK(url->address == *ports::parse_ip_address("fd00::1"));
  CHECK(url->host == "fd00::1");
  CHECK(url->origin() == "https://[fd00::1]:444");
}

TEST_CASE("a webhook by any scheme but https is refused") {
  check_refused({"http://a.example/", "HTTPS://a.example/", "ftp://a.example/", "file:///etc/passwd",
                 "gopher://a.example/", "//a.example/", "a.example", "https:a.example", "https:/a.example", ""});
}

TEST_CASE("a webhook that hides its host behind user information is refused") {
  check_refused({"https://hooks.example@127.0.0.1/", "https://user:password@a.example/", "https://@a.example/",
                 "https://a.example:443@127.0.0.1/"});
}

TEST_CASE("a loopback address in a form that only some read is refused") {
  check_refused({"https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/",
                 "https://0177.0.0.1/", "https://127.0.0.1./", "https://127.000.000.001/",
                 "https://[::ffff:127.0.0.1%25lo]/", "https://[127.0.0.1]/", "https://::1/", "https://[::1/",
                 "https://a.0x1/", "https://[]/"});
}

TEST_CASE("a fragment, and characters that one reader drops and another keeps, are refused") {
  check_refused({"https://a.example/#x", "https://a.example#@127.0.0.1/", "https://a.example/\r\nx: y",
                 "https://a.example/ x", "https://a.example\\@127.0.0.1/", "https://a.example/\\x",
                 "https://a\t.example/", "https://a.example/\"", "https://a.ex\xC3\xA4mple/",
                 "https://a.example/\xC3\xA4", std::string_view("https://a.example/\0x", 20), "https://a%2eexample/",
                 "https://a_b.example/", "https://-a.example/", "https://a..example/", "https://.example/",
                 "https:///x", "https://?x"});
}

TEST_CASE("a port that is none, and a URL without end, are refused") {
  check_refused({"https://a.example:0/", "https://a.example:65536/", "https://a.example:/", "https://a.example:+443/",
                 "https://a.example:44 3/", "https://a.example:443:443/"});
  CHECK(fails_with(parse_url("https://a.example/" + std::string(kUrlBytesMax, 'a')), kWebhookUrlMalformed));
  CHECK(fails_with(parse_url("https://" + std::string(64, 'a') + ".example/"), kWebhookUrlMalformed));
}

}  // namespace holdfast::service::webhook
