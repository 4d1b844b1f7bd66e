// 5-security, line 21: clients that take their time. All of them at once, beside honest ones; the limits are those that
// holdfastd ships with.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "attack/stage.h"
#include "base/text.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

using std::chrono::steady_clock;

/// What a slow client got, and after how long it was over.
struct Ended {
  std::string answer;
  Duration after{};
};

/// Sends a byte now and then for `time`, and takes what has come of it.
Ended trickle(std::uint16_t port, const std::string& first, Duration time) {
  const auto start = steady_clock::now();
  Ended out;
  Raw raw(port);
  raw->send(first);
  while (steady_clock::now() - start < time && raw->send("x")) ::usleep(200'000);
  out.answer = raw->receive();
  out.after = std::chrono::duration_cast<Duration>(steady_clock::now() - start);
  return out;
}

/// Says nothing, or a part of a ClientHello, and waits for the end.
Ended stall(std::uint16_t port, std::string_view bytes) {
  const auto start = steady_clock::now();
  const int socket = test::connect_loopback(port);
  ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  const timeval patience{40, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) continue;
  ::close(socket);
  return {"", std::chrono::duration_cast<Duration>(steady_clock::now() - start)};
}

}  // namespace

TEST_CASE("slow handshakes, heads and bodies end with 408 or the connection, and honest clients notice nothing") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().device_port();
  Ended silent;
  Ended half_hello;
  Ended head;
  Ended body;
  std::atomic<int> slow = 4;
  const auto run = [&](Ended& into, auto attack) {
    return std::thread([&into, &slow, attack] {
      into = attack();
      --slow;
    });
  };
  std::thread threads[] = {
      run(silent, [&] { return stall(port, ""); }),
      run(half_hello, [&] { return stall(port, std::string_view("\x16\x03\x01\x02\x00\x01", 6)); }),
      run(head, [&] { return trickle(port, "GET / HTTP/1.1\r\nHost: a\r\nX: ", seconds(9)); }), run(body, [&] {
        return trickle(port, "POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", seconds(28));
      })};
  Duration slowest{};
  bool all_served = true;
  while (slow > 0) {
    const auto start = steady_clock::now();
    all_served = stage.serves() && all_served;
    slowest = std::max(slowest, std::chrono::duration_cast<Duration>(steady_clock::now() - start));
    ::usleep(200'000);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(all_served);
  CHECK(slowest < seconds(3));
  CHECK(silent.after < seconds(14));
  CHECK(half_hello.after < seconds(14));
  CHECK(status_of(head.answer) == 408);
  CHECK(head.after < seconds(14));
  CHECK(status_of(body.answer) == 408);
  CHECK(body.after < seconds(34));
}
