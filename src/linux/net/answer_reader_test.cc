#include "linux/net/answer_reader.h"

#include <doctest/doctest.h>

#include "linux/net/service_address.h"

namespace holdfast::linux::net {
namespace {

constexpr std::size_t kBodyMax = 100;

/// Whether the text, read to its end, is neither refused nor complete.
bool is_unfinished(std::string_view text) {
  AnswerReader reader(kBodyMax);
  return reader.feed(as_bytes(text)) && !reader.is_complete();
}

bool is_refused(std::string_view text) {
  AnswerReader reader(kBodyMax);
  const auto fed = reader.feed(as_bytes(text));
  if (!fed) CHECK(fed.error().reason == ports::kNetAnswerMalformed);
  return !fed;
}

TEST_CASE("an answer is read, whole or byte by byte, by length or by chunks") {
  for (const std::string_view text :
       {"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-One:  1 \r\n\r\nhello",
        "HTTP/1.1 201 \r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-Two: "
        "2\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nx-one: 1\r\ncontent-length: 5\r\n\r\nhello"}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, text.size()}) {
      CAPTURE(text);
      CAPTURE(step);
      AnswerReader reader(kBodyMax);
      for (std::size_t at = 0; at < text.size(); at += step) {
        CHECK(!reader.is_complete());
        REQUIRE(reader.feed(as_bytes(text.substr(at, step))));
      }
      REQUIRE(reader.is_complete());
      CHECK(reader.keeps_alive());
      const Answer answer = reader.take();
      CHECK(answer.status == 201);
      CHECK(as_text(answer.body) == "hello");
      REQUIRE(answer.header("x-one") != nullptr);
      CHECK(*answer.header("x-one") == "1");
      CHECK(answer.header("x-two") == nullptr);
    }
  }
}

TEST_CASE("204 has no body, whatever it says") {
  AnswerReader reader(kBodyMax);
  REQUIRE(reader.feed(as_bytes("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")));
  CHECK(reader.is_complete());
}

TEST_CASE("a connection is not used again after close, or with bytes that nobody asked for") {
  AnswerReader closing(kBodyMax);
  REQUIRE(closing.feed(as_bytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")));
  CHECK(!closing.keeps_alive());
  AnswerReader splitting(kBodyMax);
  REQUIRE(splitting.feed(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n")));
  CHECK(splitting.is_complete());
  CHECK(!splitting.keeps_alive());
}

TEST_CASE("an answer cut off is not complete") {
  CHECK(is_unfinished(""));
  CHECK(is_unfinished("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"));
  CHECK(is_unfinished("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  CHECK(is_unfinished("HTTP/1.1 100 Continue\r\n\r\n"));
}

TEST_CASE("answers without a length, or with several, are refused") {
  CHECK(is_refused("HTTP/1.1 200 OK\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"));
}

TEST_CASE("answers above the bounds are refused before they are kept") {
  CHECK(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"));
  CHECK(
      is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + std::string(100, 'a') + "\r\n1\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nX: " + std::string(kAnswerHeaderBytesMax, 'a')));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(kChunkLineBytesMax, 'a')));
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 40; ++i) trailers += "X: " + std::string(900, 'a') + "\r\n";
  CHECK(is_refused(trailers));
  std::string interim;
  for (int i = 0; i < 9; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  CHECK(is_refused(interim));
}

TEST_CASE("what is not HTTP/1.1 to the letter is refused") {
  for (const std::string_view head :
       {"HTTP/1.0 200 OK", "HTTP/2 200", "http/1.1 200 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 200", "HTTP/1.1  200 OK",
        "HTTP/1.1 600 OK", "HTTP/1.1 099 OK", "HTTP/1.1 101 Switching Protocols", "ICY 200 OK", "\x15\x03\x03",
        "HTTP/1.1 200 OK\r\nX : a", "HTTP/1.1 200 OK\r\n: a", "HTTP/1.1 200 OK\r\nX", "HTTP/1.1 200 OK\r\nX: a\r\n b",
        "HTTP/1.1 200 OK\r\nX: a\nY: b", "HTTP/1.1 200 OK\r\nX: \x01"}) {
    CAPTURE(head);
    CHECK(is_refused(std::string(head) + "\r\nContent-Length: 0\r\n\r\n"));
  }
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n"));
  CHECK(is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"));
}

TEST_CASE("HTTP/1.0 is read where it is allowed, on a connection that is not used again, and never in chunks") {
  const auto read = [](std::string_view text) {
    AnswerReader reader(kBodyMax, Versions::Http10Too);
    return reader.feed(as_bytes(text)) && reader.is_complete() && !reader.keeps_alive();
  };
  CHECK(read("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  CHECK_FALSE(read("HTTP/1.0 200 OK\r\n\r\nhi"));
  CHECK_FALSE(read("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
  CHECK_FALSE(read("HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
}

TEST_CASE("a web service may be plain, which a service may not") {
  const auto plain = parse_web_service("http://images.example");
  REQUIRE(plain);
  CHECK(plain->is_plain);
  CHECK(plain->port == 80);
  CHECK(parse_web_service("https://images.example:8443")->port == 8443);
  CHECK_FALSE(parse_web_service("https://images.example")->is_plain);
  CHECK_FALSE(parse_web_service("ftp://images.example"));
  CHECK_FALSE(parse_service("http://images.example"));
}

TEST_CASE("services are https, a host, and a port or none") {
  CHECK(parse_service("https://a.example")->port == 443);
  CHECK(parse_service("https://127.0.0.1:8443")->host == "127.0.0.1");
  CHECK(parse_service("https://[::1]:8443")->host == "::1");
  CHECK(parse_service("https://[::1]:8443")->port == 8443);
  CHECK(parse_service("https://a:1")->authority == "a:1");
  for (const std::string_view text :
       {"http://a", "a", "https://", "https://a/", "https://a/b", "https://a:", "https://a:0", "https://a:65536",
        "https://a:1x", "https://u@a", "https://a b", "https://a\r\nX: y", "https://[::1", "https://[::1]x",
        "https://[a]", "https://::1", "https://-a"}) {
    CAPTURE(text);
    CHECK(!parse_service(text));
  }
}

}  // namespace
}  // namespace holdfast::linux::net
