#include "linux/http/response_writer.h"

#include <doctest/doctest.h>

namespace holdfast::linux::http {
namespace {

const WallTime kSomeDay = WallTime::from_seconds(784111777);

std::string written(const Response& response, Framing framing = {}) {
  DateLine dates;
  framing.date = dates.at(kSomeDay);
  return to_text(write_response(response, framing));
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("an answer has a length, a date and a type, and does not say what serves it") {
  const std::string text = written({.content_type = "text/plain", .body = to_blob(as_bytes("hello"))});
  CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(text, "\r\nContent-Length: 5\r\n"));
  CHECK(contains(text, "\r\nContent-Type: text/plain\r\n"));
  CHECK(contains(text, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  CHECK(text.ends_with("\r\n\r\nhello"));
  CHECK(!contains(text, "Server:"));
  CHECK(!contains(text, "Connection:"));
}

TEST_CASE("an answer to HEAD has the length of the body and no body") {
  const std::string text = written({.body = to_blob(as_bytes("hello"))}, {.head_only = true});
  CHECK(contains(text, "\r\nContent-Length: 5\r\n"));
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("204 and 304 have neither length nor body") {
  for (const int status : {204, 304}) {
    const std::string text = written({.status = status, .content_type = "a/b", .body = to_blob(as_bytes("hello"))});
    CHECK(!contains(text, "Content-"));
    CHECK(text.ends_with("\r\n\r\n"));
  }
}

TEST_CASE("a header injected by a line break turns the answer into a 500") {
  for (const auto& [name, value] : Headers{{"X", "a\r\nSet-Cookie: b"},
                                           {"X", "a\nb"},
                                           {"X\r\nY", "a"},
                                           {"X Y", "a"},
                                           {"", "a"},
                                           {"X", std::string("a\0b", 3)},
                                           {"Content-Length", "1"},
                                           {"transfer-encoding", "chunked"},
                                           {"X", std::string(9000, 'a')}}) {
    const std::string text = written({.headers = {{name, value}}});
    CHECK(text.starts_with("HTTP/1.1 500 "));
    CHECK(!contains(text, "Set-Cookie"));
  }
  CHECK(written({.content_type = "a\r\nX: y"}).starts_with("HTTP/1.1 500 "));
  CHECK(written({.status = 99}).starts_with("HTTP/1.1 500 "));
}

TEST_CASE("headers of the handler are sent, also twice the same") {
  const std::string text = written({.headers = {{"ETag", "\"1\""}, {"Link", "a"}, {"Link", "b"}}});
  CHECK(contains(text, "\r\nETag: \"1\"\r\n"));
  CHECK(contains(text, "\r\nLink: a\r\nLink: b\r\n"));
}

TEST_CASE("a problem names its reason and when to come again, in whole seconds and at least one") {
  const std::string text =
      written(problem(429, Error{Next::Exhausted, Reason{"too-many"}, "a \"b\""}, Duration(1200)), {.close = true});
  CHECK(text.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  CHECK(contains(text, "\r\nRetry-After: 2\r\n"));
  CHECK(contains(text, "\r\nConnection: close\r\n"));
  CHECK(contains(text, "\r\nX-Content-Type-Options: nosniff\r\n"));
  CHECK(contains(text, "\r\nCache-Control: no-store\r\n"));
  CHECK(text.ends_with(
      R"({"type":"urn:holdfast:problem:too-many","title":"too-many","status":429,"detail":"a \"b\"","reason":"too-many"})"));
  CHECK(
      contains(written(problem(503, Error{Next::Retry, Reason{"x"}, "row 7"}, Duration(0))), "\r\nRetry-After: 1\r\n"));
  CHECK_FALSE(contains(written(problem(503, Error{Next::Retry, Reason{"x"}, "row 7"}), {}), "row 7"));
}

}  // namespace
}  // namespace holdfast::linux::http
