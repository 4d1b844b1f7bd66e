#include "wire/carried.h"

#include <doctest/doctest.h>

namespace holdfast::wire {

TEST_CASE("what is carried lies below its catalog's folder, whatever a name says") {
  CHECK(carried_trust_policy("acme") == "director/acme/trust-policy.json");
  CHECK(carried_word("acme", {}) == "director/acme/all.json");
  CHECK(carried_word("acme", {"hf-one", "", ""}) == "director/acme/devices/hf-one.json");
  CHECK(carried_word("acme", {"", "gateway", "field"}) == "director/acme/groups/gateway/field.json");
  for (const char* name : {"..", ".", "a/../../b", "x\\y", "a b", "\xff"}) {
    CHECK_MESSAGE(is_carried_path(carried_word(name, {name, "", ""})), name);
    CHECK_MESSAGE(is_carried_path(carried_word("acme", {"", name, name})), name);
  }
}

TEST_CASE("a path that leaves its folder, or has two spellings, is none") {
  CHECK(is_carried_path("metadata/1.root.json"));
  for (const char* path : {"", "/", "/a", "a/", "a//b", "./a", "../a", "a/..", "a b", "a\\b", "a\nb", "\xc3\xa4"}) {
    CHECK_FALSE_MESSAGE(is_carried_path(path), path);
  }
  CHECK_FALSE(is_carried_path(std::string(kCarriedPathBytesMax + 1, 'a')));
}

}  // namespace holdfast::wire
