// 5-security, line 21, from outside: whatever is sent, the answer is a clear status or the end of the connection, and
// the next honest request is served.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack/stage.h"
#include "base/text.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

struct Attack {
  const char* name;
  std::string bytes;
  int status;
};

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

bool is_inert_problem(const std::string& answer) {
  const std::string head = lower(answer.substr(0, answer.find("\r\n\r\n")));
  return head.find("content-type: application/problem+json") != std::string::npos &&
         head.find("x-content-type-options: nosniff") != std::string::npos &&
         head.find("cache-control: no-store") != std::string::npos;
}

/// Each on a connection of its own, to both ports.
void attack(const std::vector<Attack>& attacks) {
  Stage& stage = Stage::shared();
  for (const std::uint16_t port : {stage.service().management_port(), stage.service().device_port()}) {
    for (const Attack& one : attacks) {
      INFO(one.name);
      const std::string answer = answer_to(port, one.bytes);
      CHECK(status_of(answer) == one.status);
      CHECK(is_inert_problem(answer));
      CHECK(stage.serves());
    }
  }
}

std::string get_with(const std::string& header) {
  return cat("GET /v1/catalogs HTTP/1.1\r\nHost: a\r\n", header, "\r\n\r\n");
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

/// Sends bytes without TLS; what comes back before the peer ends, or two seconds.
std::string answer_in_plain(std::uint16_t port, std::string_view bytes) {
  const int socket = test::connect_loopback(port);
  const timeval patience{2, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string out;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(socket);
  return out;
}

}  // namespace

TEST_CASE("oversize heads, targets and bodies are refused with 431, 414 and 413") {
  attack({{"a head without end", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x'), 431},
          {"a thousand headers", get_with(repeated("A: b\r\n", 1'000) + "C: d"), 431},
          {"a long target", "GET /" + std::string(12'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
          {"a body that is announced", "POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413},
          {"a body of 2^64 - 1", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n", 413},
          {"a body in chunks",
           "POST /v1/enroll HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
               repeated("10000\r\n" + std::string(0x10000, 'x') + "\r\n", 17) + "0\r\n\r\n",
           413}});
}

TEST_CASE("a method that a path does not have is answered with 405 and those that it has") {
  Stage& stage = Stage::shared();
  const auto refused = [](std::uint16_t port, std::string_view line, std::string_view allow) {
    const std::string answer = answer_to(port, cat(line, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(status_of(answer) == 405);
    CHECK(is_inert_problem(answer));
    CHECK(lower(answer).find(cat("\r\nallow: ", allow, "\r\n")) != std::string::npos);
  };
  refused(stage.service().management_port(), "DELETE /v1/catalogs", "get, post");
  refused(stage.service().device_port(), "GET /v1/enroll", "post");
}

TEST_CASE("a smuggled request is not served: two lengths, odd lengths, odd codings, folded and split headers") {
  const std::string smuggled = "GET /v1/catalogs HTTP/1.1\r\nHost: smuggled\r\n\r\n";
  const auto post = [](const std::string& headers) {
    return "POST /v1/enroll HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
  };
  const std::vector<Attack> attacks = {
      {"CL.TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
      {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") + "0\r\n\r\n", 400},
      {"two lengths", post("Content-Length: 0\r\nContent-Length: 48\r\n"), 400},
      {"a list of lengths", post("Content-Length: 0, 48\r\n"), 400},
      {"a signed length", post("Content-Length: +0\r\n"), 400},
      {"a hexadecimal length", post("Content-Length: 0x0\r\n"), 400},
      {"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"an unknown coding", post("Transfer-Encoding: xchunked\r\n"), 501},
      {"a coding with a tail", post("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"a space before the colon", post("Content-Length : 0\r\n"), 400},
      {"a folded header", post("X: a\r\n Content-Length: 0\r\n"), 400},
      {"a line that ends with LF alone", "GET / HTTP/1.1\nHost: a\n\n", 505},
      {"a chunk size that overflows", post("Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n", 400},
      {"a chunk size that is negative", post("Transfer-Encoding: chunked\r\n") + "-1\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", get_with("Host: b"), 400},
      {"an absolute target", "GET http://a/v1/catalogs HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501}};
  for (const Attack& one : attacks) {
    INFO(one.name);
    Raw raw(Stage::shared().service().management_port());
    raw->send(one.bytes + smuggled);
    const std::string answers = raw->receive(2);
    CHECK(count_of(answers, "HTTP/1.1 ") == 1);
    CHECK(status_of(answers) == one.status);
    CHECK(is_inert_problem(answers));
  }
  CHECK(Stage::shared().serves());
}

TEST_CASE("other versions of HTTP, plain HTTP and garbage in place of TLS get no service and do no harm") {
  attack({{"HTTP/1.0", "GET /v1/catalogs HTTP/1.0\r\nHost: a\r\n\r\n", 505},
          {"HTTP/2 in clear", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
          {"HTTP/0.9", "GET /\r\n\r\n", 400},
          {"bytes", std::string("\0\1\2\3\r\n\r\n", 8), 400}});
  Stage& stage = Stage::shared();
  const std::string record_without_end = std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x');
  for (const std::uint16_t port : {stage.service().management_port(), stage.service().device_port()}) {
    for (const std::string& bytes :
         {std::string("GET /v1/catalogs HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(5'000, '\0'),
          std::string("\x80\x2e\x01\x00\x02", 5) + std::string(41, 'x'), record_without_end,
          std::string("SSH-2.0-x\r\n")}) {
      CHECK(answer_in_plain(port, bytes).find("HTTP/") == std::string::npos);
      CHECK(stage.serves());
    }
  }
}

TEST_CASE("header injection and control characters are refused, and nothing that was sent comes back as a header") {
  attack({{"a carriage return", get_with("X: a\rSet-Cookie: b=c"), 400},
          {"a NUL", get_with(std::string("X: a\0b", 6)), 400},
          {"an escape", "GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"a control character in a name", get_with("X\x01Y: a"), 400},
          {"an encoded line break", "GET /v1/a%0d%0aSet-Cookie:%20b=c HTTP/1.1\r\nHost: a\r\n\r\n", 404}});
  const std::string answer = answer_to(Stage::shared().service().management_port(),
                                       "GET /v1/catalogs/a%0d%0aSet-Cookie:%20b HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer.find("\nSet-Cookie") == std::string::npos);
}

TEST_CASE("no traversal and no other spelling of a path reaches anything") {
  Stage& stage = Stage::shared();
  const auto get = [&](const std::string& path) {
    return answer_to(stage.service().management_port(),
                     request("GET", path, "", cat("Authorization: Bearer ", stage.token(), "\r\n")));
  };
  REQUIRE(status_of(get("/v1/catalogs")) == 200);
  for (const std::string path :
       {"/v1/../v1/catalogs", "/v1/%2e%2e/v1/catalogs", "/../../../../etc/passwd", "/%2e%2e%2fetc%2fpasswd",
        "//v1/catalogs", "/v1//catalogs", "/v1/catalogs/", "/v1/./catalogs", "/v1/catalogs%00", "/v1/catalogs;a=b",
        "/V1/catalogs", "/v1%2fcatalogs", "/v1/%63atalogs", "/v1\\catalogs", "/v1/catalogs%3f",
        "/%c0%ae%c0%ae/etc/passwd"}) {
    INFO(path);
    CHECK(status_of(get(path)) == 404);
  }
  CHECK(get(path_in("..%2facme", "/devices")).ends_with(R"({"items":[]})"));  // a catalog of that name, not ours
}

TEST_CASE("a compressed body is refused with 415 before a byte of it is looked at") {
  std::vector<Attack> attacks;
  for (const std::string coding : {"gzip", "deflate", "br", "zstd", "identity", "gzip, gzip"}) {
    const std::string head =
        cat("POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\nContent-Encoding: ", coding);
    attacks.push_back({"a compressed body",
                       cat(head, "\r\n\r\n", std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\3", 10), "0123456789"), 415});
  }
  attack(attacks);
}

TEST_CASE("JSON that parsers disagree about, or that is a bomb, is refused with 400") {
  Stage& stage = Stage::shared();
  const std::vector<std::pair<const char*, std::string>> bodies = {
      {"nothing", ""},
      {"a hundred thousand brackets", std::string(100'000, '[')},
      {"nested objects", repeated(R"({"a":)", 5'000) + "1" + std::string(5'000, '}')},
      {"half a million values", "[" + repeated("1,", 500'000) + "1]"},
      {"two members of one name", R"({"secret":"a","secret":"b","name":"eve"})"},
      {"two members of one name, escaped", R"({"secret":"a","\u0073ecret":"b","name":"eve"})"},
      {"a NUL in text", std::string("{\"secret\":\"a\0b\",\"name\":\"eve\"}", 29)},
      {"a control character in text", "{\"secret\":\"a\nb\",\"name\":\"eve\"}"},
      {"broken UTF-8", "{\"secret\":\"\xff\xfe\",\"name\":\"eve\"}"},
      {"half a surrogate pair", R"({"secret":"\ud800","name":"eve"})"},
      {"a byte order mark", "\xef\xbb\xbf{}"},
      {"something behind the end", "{} {}"},
      {"a number without end", "{\"secret\":" + std::string(10'000, '9') + "}"},
      {"text where an object belongs", "\"secret\""},
      {"a member that nobody knows", R"({"secret":"a","name":"eve","scope":"own"})"},
      {"__proto__", R"({"__proto__":{"scope":"own"}})"}};
  const std::string token = cat("Authorization: Bearer ", stage.token(), "\r\n");
  for (const auto& [name, body] : bodies) {
    INFO(name);
    for (const std::string path : {"/v1/owner-link", "/v1/operators", "/v1/catalogs/acme/claims"}) {
      const std::string answer = answer_to(stage.service().management_port(), request("POST", path, body, token));
      CHECK(status_of(answer) == 400);
      CHECK(is_inert_problem(answer));
    }
    for (const std::string path : {"/v1/enroll", "/v1/enroll/proof", "/v1/attest/challenge", "/v1/attest"}) {
      CHECK(status_of(answer_to(stage.service().device_port(), request("POST", path, body))) == 400);
    }
    CHECK(stage.serves());
  }
}

TEST_CASE("script that a device puts into what it says comes back as inert JSON") {
  Stage& stage = Stage::shared();
  const std::string script = "\"><script>alert(1)</script>";
  const auto device = stage.add_device(kAcme);
  device->boot({{0, script}, {11, script}});
  REQUIRE(device->attest());
  CHECK(stage.owner()
            .post(path_in(kAcme, "/products"), json::Object{{"name", "scripted"}, {"description", script}})
            .status == 201);
  bool came_back = false;
  for (const std::string& path :
       {path_in(kAcme, cat("/devices/", device->id(), "/explain")), path_in(kAcme, "/devices"),
        path_in(kAcme, "/products"), path_in(kAcme, "/audit"), cat("/v1/", script), cat("/v1/catalogs/", script)}) {
    const std::string answer =
        answer_to(stage.service().management_port(),
                  request("GET", path, "", cat("Authorization: Bearer ", stage.token(), "\r\n")));
    INFO(path);
    const std::string head = lower(answer.substr(0, answer.find("\r\n\r\n")));
    CHECK((head.find("content-type: application/json") != std::string::npos ||
           head.find("content-type: application/problem+json") != std::string::npos));
    CHECK(head.find("x-content-type-options: nosniff") != std::string::npos);
    CHECK(head.find("<script") == std::string::npos);
    const std::string_view body = std::string_view(answer).substr(head.size());
    came_back = came_back || body.find("script>alert(1)") != std::string_view::npos;
    CHECK(json::parse(as_bytes(body.substr(4)), {.bytes_max = 4 * 1024 * 1024, .nodes_max = 1'000'000}));
  }
  CHECK(came_back);
}

TEST_CASE("a page of another origin gets nothing: no cookie counts, no preflight is granted") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().management_port();
  const std::string origin = "Origin: https://evil.example\r\n";
  CHECK(status_of(answer_to(
            port, request("GET", "/v1/catalogs", "", cat(origin, "Cookie: token=", stage.token(), "\r\n")))) == 401);
  const std::string preflight =
      answer_to(port, request("OPTIONS", "/v1/operators", "", origin + "Access-Control-Request-Method: POST\r\n"));
  CHECK(status_of(preflight) == 405);
  CHECK(lower(preflight).find("access-control-allow") == std::string::npos);
}
