#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"

using namespace holdfast;

TEST_CASE("RFC 4648 test vectors encode and decode") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [plain, encoded] : cases) {
    CHECK(to_base64(as_bytes(plain)) == encoded);
    CHECK(as_text(*from_base64(encoded)) == plain);
  }
}

TEST_CASE("base64 that is not canonical is refused") {
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm-v", "====", "Zg==Zg=="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
  CHECK(from_base64url("Zm-_"));
  CHECK_FALSE(from_base64url("Zg=="));
}

TEST_CASE("hex of odd length or with other letters is refused") {
  CHECK(*from_hex("00fFa5") == Blob{0x00, 0xFF, 0xA5});
  CHECK_FALSE(from_hex("0"));
  CHECK_FALSE(from_hex("0g"));
  CHECK(array_from_hex<2>("0102").value()[1] == 2);
  CHECK_FALSE(array_from_hex<2>("010203"));
}

TEST_CASE("Crockford base32 is lower-case and leaves out i, l, o, u") {
  CHECK(to_crockford(Blob{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}) == "zzzzzzzz");
  CHECK(to_crockford(Blob{0x00, 0x44, 0x32, 0x14, 0xC7}) == "01234567");
}

TEST_CASE("untrusted text cannot drive a terminal") {
  CHECK(printable("a\x1b[31mb\n") == "a\\x1b[31mb\\x0a");
  CHECK(printable("Gr\xc3\xbc\xc3\x9f\x65") == "Gr\xc3\xbc\xc3\x9f\x65");
  CHECK(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("abcdef", 3) == "abc…");
}
