#include "linux/http/request_reader.h"

#include <doctest/doctest.h>

namespace holdfast::linux::http {
namespace {

constexpr std::size_t kHeadMax = 1024;
constexpr std::size_t kBodyMax = 100;

/// The status with which `text` is refused; 0 when it is not.
int refused(std::string_view text) {
  RequestReader reader(kHeadMax, kBodyMax);
  const auto reading = reader.feed(as_bytes(text));
  return reading ? 0 : reading.error().status;
}

std::string request(std::string_view first, std::string_view headers, std::string_view body = "") {
  return std::string(first) + "\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

TEST_CASE("a request is read, whole or byte by byte") {
  const std::string text = request("POST /v1/x?a=b HTTP/1.1", "X-One: 1\r\nContent-Length: 4\r\n", "body");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
    CAPTURE(step);
    RequestReader reader(kHeadMax, kBodyMax);
    std::expected<Reading, Refusal> reading = Reading::Head;
    for (std::size_t at = 0; at < text.size(); at += step) {
      CHECK(reading != Reading::Complete);
      reading = reader.feed(as_bytes(std::string_view(text).substr(at, step)));
      REQUIRE(reading);
    }
    REQUIRE(reading == Reading::Complete);
    const auto [got, head_only, keep_alive] = reader.take();
    CHECK(got.method == "POST");
    CHECK(got.path == "/v1/x");
    CHECK(got.query == "a=b");
    CHECK(got.body == to_blob(as_bytes("body")));
    REQUIRE(got.header("x-one") != nullptr);
    CHECK(*got.header("x-one") == "1");
    CHECK(!head_only);
    CHECK(keep_alive);
    CHECK(!reader.has_begun());
  }
}

TEST_CASE("pipelined requests come out in order") {
  RequestReader reader(kHeadMax, kBodyMax);
  const std::string text = request("POST /1 HTTP/1.1", "Content-Length: 1\r\n", "x") + request("GET /2 HTTP/1.1", "");
  REQUIRE(reader.feed(as_bytes(text)) == Reading::Complete);
  CHECK(reader.take().request.path == "/1");
  CHECK(reader.has_begun());
  REQUIRE(reader.feed({}) == Reading::Complete);
  CHECK(reader.take().request.path == "/2");
  CHECK(!reader.has_begun());
}

TEST_CASE("a chunked body is put together, and its trailers add no header") {
  RequestReader reader(kHeadMax, kBodyMax);
  const auto reading =
      reader.feed(as_bytes(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
                                   "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nAuthorization: Bearer t\r\n\r\n")));
  REQUIRE(reading == Reading::Complete);
  const Request got = reader.take().request;
  CHECK(got.body == to_blob(as_bytes("abcde")));
  CHECK(got.header("authorization") == nullptr);
}

TEST_CASE("a chunked body whose first byte comes after the head is put together") {
  RequestReader reader(kHeadMax, kBodyMax);
  REQUIRE(reader.feed(as_bytes(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n"))) == Reading::Body);
  REQUIRE(reader.feed(as_bytes("3\r\n")) == Reading::Body);
  REQUIRE(reader.feed(as_bytes("abc\r\n0\r\n\r\n")) == Reading::Complete);
  CHECK(reader.take().request.body == to_blob(as_bytes("abc")));
}

TEST_CASE("a last chunk that comes byte by byte does not bring the server down") {
  RequestReader reader(kHeadMax, kBodyMax);
  REQUIRE(reader.feed(as_bytes(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n"))) == Reading::Body);
  for (const std::string_view byte : {"0", "\r", "\n", "\r"}) REQUIRE(reader.feed(as_bytes(byte)) == Reading::Body);
  REQUIRE(reader.feed(as_bytes("\n")) == Reading::Complete);
  CHECK(reader.take().request.body.empty());
}

TEST_CASE("HEAD is handed on as GET, to be answered without a body") {
  RequestReader reader(kHeadMax, kBodyMax);
  REQUIRE(reader.feed(as_bytes(request("HEAD / HTTP/1.1", ""))) == Reading::Complete);
  const auto taken = reader.take();
  CHECK(taken.request.method == "GET");
  CHECK(taken.head_only);
}

TEST_CASE("Connection: close is understood") {
  RequestReader reader(kHeadMax, kBodyMax);
  REQUIRE(reader.feed(as_bytes(request("GET / HTTP/1.1", "Connection: close\r\n"))) == Reading::Complete);
  CHECK(!reader.take().keep_alive);
}

TEST_CASE("a request smuggled by two lengths is refused") {
  const std::string_view body = "0\r\n\r\n";
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 5, 5\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: +5\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 0x5\r\n", body)) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 18446744073709551621\r\n", body)) != 0);
}

TEST_CASE("a transfer coding that hides a length is refused") {
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "12345")) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: gzip\r\n")) == 501);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked, gzip\r\n")) == 501);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n")) == 501);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding : chunked\r\n")) == 400);
}

TEST_CASE("Host has to be there once, with a host in it") {
  CHECK(refused("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: [::1]:443\r\n\r\n") == 0);
}

TEST_CASE("other targets, methods and versions are refused") {
  CHECK(refused(request("GET http://a/ HTTP/1.1", "")) == 400);
  CHECK(refused(request("GET * HTTP/1.1", "")) == 400);
  CHECK(refused(request("GET /a#b HTTP/1.1", "")) == 400);
  CHECK(refused(request("GET /a\x01 HTTP/1.1", "")) == 400);
  CHECK(refused(request("CONNECT a:1 HTTP/1.1", "")) == 501);
  CHECK(refused(request("TRACE / HTTP/1.1", "")) == 501);
  CHECK(refused(request("GET / HTTP/1.0", "")) == 505);
  CHECK(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") != 0);
  CHECK(refused(request("GET /" + std::string(900, 'a') + " HTTP/1.1", "")) == 0);
}

TEST_CASE("folded lines, bare line feeds and control characters in headers are refused") {
  CHECK(refused(request("GET / HTTP/1.1", "X: a\r\n b\r\n")) == 400);
  CHECK(refused(request("GET / HTTP/1.1", "X: a\r\n\tb\r\n")) == 400);
  CHECK(refused("GET / HTTP/1.1\nHost: a\n\n\r\n\r\n") != 0);
  CHECK(refused(request("GET / HTTP/1.1", std::string_view("X: a\0b\r\n", 8))) == 400);
  CHECK(refused(request("GET / HTTP/1.1", "X y: a\r\n")) == 400);
}

TEST_CASE("a head above the bound is refused, complete or not") {
  CHECK(refused(request("GET / HTTP/1.1", "X: " + std::string(kHeadMax, 'a') + "\r\n")) == 431);
  CHECK(refused("GET / HTTP/1.1\r\nX: " + std::string(kHeadMax, 'a')) == 431);
  CHECK(refused("GET /" + std::string(2 * kHeadMax, 'a')) == 431);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "a:\r\n";
  CHECK(refused(request("GET / HTTP/1.1", many)) == 431);
}

TEST_CASE("a body above the bound is refused, declared or chunked, and before it came") {
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 100\r\n")) == 0);
  CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 101\r\n")) == 413);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "65\r\na")) == 413);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n")) == 413);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
                        "64\r\n" + std::string(100, 'a') + "\r\n1\r\n")) == 413);
}

TEST_CASE("chunk extensions and trailers without end are refused") {
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1;" + std::string(kHeadMax, 'a'))) ==
        431);
  CHECK(refused(request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
                        "0\r\nX: " + std::string(2 * kHeadMax, 'a'))) == 431);
}

TEST_CASE("a client that waits to be asked for its body is recognised, once") {
  RequestReader reader(kHeadMax, kBodyMax);
  REQUIRE(reader.feed(as_bytes(request("POST / HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n"))) ==
          Reading::Body);
  CHECK(reader.take_expectation());
  CHECK(!reader.take_expectation());
  CHECK(refused(request("POST / HTTP/1.1", "Expect: tea\r\nContent-Length: 1\r\n")) == 417);
}

TEST_CASE("a body with a content coding is refused before it is read, so that nothing has to be unpacked") {
  for (const std::string coding : {"gzip", "br", "identity", "gzip, gzip"}) {
    CHECK(refused(request("POST / HTTP/1.1", "Content-Length: 9\r\nContent-Encoding: " + coding + "\r\n")) == 415);
  }
}

}  // namespace
}  // namespace holdfast::linux::http
