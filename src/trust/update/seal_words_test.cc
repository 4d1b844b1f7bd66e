#include "trust/update/seal_words.h"

#include <doctest/doctest.h>

#include "signed_boots.h"

namespace holdfast::trust::update {
namespace {

SealWords words() { return seal_words_by(7, "os", 3, {crypto::sha256(as_bytes("keys")), {}}); }

}  // namespace

TEST_CASE("seal words are read as they were made, from a part that ends in zeros") {
  const SealWords made = words();
  const auto part = make_seal_words(made);
  REQUIRE(part);
  CHECK(part->size() == kSealWordsBytes);
  CHECK((*parse_seal_words(*part) == made));
  CHECK(parse_seal_words(Blob(kSealWordsBytes))->boots.empty());
}

TEST_CASE("seal words that are cut, longer than their part, or something else are refused") {
  const Blob part = *make_seal_words(words());
  Blob with_more = part;
  with_more.back() = 'x';
  for (const Blob& bad : {with_more, Blob(part.begin(), part.begin() + 100), Blob(16, 0xEB)}) {
    const auto read = parse_seal_words(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == kSealWordsMalformed);
  }
  SealWords many = words();
  many.boots.resize(4000, many.boots[0]);
  CHECK(make_seal_words(many).error().reason == kSealWordsMalformed);
}

TEST_CASE("a signature for one phase, version, component or firmware is none for another") {
  const auto key = holder(7);
  const auto sign = [&](std::string_view component, std::int64_t version, const tpm::BootState& begin) {
    return *seal_word_parts(key.public_key(), component, version, begin);
  };
  const tpm::BootState begin{crypto::sha256(as_bytes("keys")), crypto::sha256(as_bytes("system"))};
  const auto one = sign("os", 3, begin);
  CHECK(one.open != one.use);
  CHECK(one.open != sign("os", 4, begin).open);
  CHECK(one.open != sign("application", 3, begin).open);
  CHECK(one.open != sign("os", 3, {begin.program, begin.keys}).open);
}

}  // namespace holdfast::trust::update
