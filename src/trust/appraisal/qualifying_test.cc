#include <doctest/doctest.h>

#include "trust/appraisal/evidence.h"

using namespace holdfast;
using trust::appraisal::qualifying_data;

TEST_CASE("the quote covers nonce and body") {
  const Blob body = {1, 2, 3};
  const Digest256 qualifying = qualifying_data({1}, body);
  CHECK(qualifying != qualifying_data({2}, body));
  CHECK(qualifying != qualifying_data({1}, Blob{1, 2, 4}));
}
