#include "linux/wait/periodic.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>

namespace holdfast::linux::wait {
namespace {

TEST_CASE("work is done again and again until the end, and the end waits for nothing but work under way") {
  std::promise<void> third;
  int calls = 0;
  {
    const Periodic periodic(Duration(1), [&] {
      if (++calls == 3) third.set_value();
    });
    REQUIRE(third.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  }
  const auto start = std::chrono::steady_clock::now();
  bool was_called = false;
  {
    const Periodic hourly(hours(1), [&] { was_called = true; });
  }
  CHECK(!was_called);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

}  // namespace
}  // namespace holdfast::linux::wait
