#include "linux/door/allowance.h"

#include <doctest/doctest.h>

namespace holdfast::linux::door {

TEST_CASE("what is used up comes back with time, and never more than the most") {
  Allowance changes(3, minutes(5));
  Instant now{1'000'000};
  for (int i = 0; i < 3; ++i) CHECK(changes.take(now));
  CHECK_FALSE(changes.take(now));
  now = now + minutes(4);
  CHECK_FALSE(changes.take(now));
  now = now + minutes(1);
  CHECK(changes.take(now));
  CHECK_FALSE(changes.take(now));
  now = now + hours(24);
  for (int i = 0; i < 3; ++i) CHECK(changes.take(now));
  CHECK_FALSE(changes.take(now));
  CHECK_FALSE(changes.take(now + minutes(4)));
}

}  // namespace holdfast::linux::door
