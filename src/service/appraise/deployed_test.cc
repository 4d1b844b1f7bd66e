#include "service/appraise/deployed.h"

#include <doctest/doctest.h>

namespace holdfast::service::appraise {

TEST_CASE("a device may run what it was told of last, and what its places may still hold") {
  std::vector<Held> held;
  tell(held, 1);
  CHECK(held == std::vector<Held>{{1, false}});
  confirm(held, 1);
  tell(held, 2);
  CHECK(held == std::vector<Held>{{2, false}, {1, true}});
  tell(held, 3);  // before it ever had 2
  confirm(held, 3);
  CHECK(held == std::vector<Held>{{3, true}, {1, true}});
  tell(held, 1);  // 3 was taken back
  CHECK(held == std::vector<Held>{{1, false}, {3, true}});
  confirm(held, 1);
  CHECK(held == std::vector<Held>{{1, true}, {3, true}});
}

TEST_CASE("what was confirmed before anything else leaves nothing behind it") {
  std::vector<Held> held;
  tell(held, 1);
  tell(held, 2);
  confirm(held, 2);
  CHECK(held == std::vector<Held>{{2, true}});
}

TEST_CASE("however often a device is told of others, what it confirmed is kept, and the list stays short") {
  std::vector<Held> held;
  confirm(held, 1);
  for (std::int64_t number = 2; number < 40; ++number) tell(held, number);
  CHECK(held.size() == kHeldMax);
  CHECK(held.front() == Held{39, false});
  CHECK(held.back() == Held{1, true});
}

TEST_CASE("what is confirmed and first is told without reading the list, and nothing else is taken for it") {
  const auto holds = [](const std::vector<Held>& held, std::int64_t deployment) {
    ports::DirectionRow row;
    row.held = text_of(held);
    return holds_first(row, deployment);
  };
  CHECK(holds({{5, true}}, 5));
  CHECK(holds({{5, true}, {4, true}}, 5));
  CHECK_FALSE(holds({{5, false}}, 5));
  CHECK_FALSE(holds({{4, true}, {5, true}}, 5));
  CHECK_FALSE(holds({{51, true}}, 5));
  CHECK_FALSE(holds({}, 5));
  CHECK_FALSE(holds_first({}, 5));
}

TEST_CASE("the list comes back from its row as it was, and a broken one is corrupt") {
  const std::vector<Held> held = {{7, false}, {5, true}};
  ports::DirectionRow row;
  row.held = text_of(held);
  CHECK((*held_of(row) == held));
  for (const char* text : {"{}", "[7]", "[[7]]", "[[true,7]]", "[[7,true,1]]"}) {
    row.held = text;
    CHECK_FALSE(held_of(row));
  }
}

}  // namespace holdfast::service::appraise
