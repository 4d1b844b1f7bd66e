#include "linux/store/sqlite/ledger.h"

#include <doctest/doctest.h>

#include <string>

using namespace holdfast;
using namespace holdfast::linux::store::sqlite;

namespace {

inline constexpr Reason kDiskGone{"disk-gone"};
const Error kGone{Next::Retry, kDiskGone, "gone"};
const std::thread::id kHere = std::this_thread::get_id();

std::thread::id another_thread() {
  std::thread::id id;
  std::thread thread([&] { id = std::this_thread::get_id(); });
  thread.join();
  return id;
}

/// One letter per answer, in order: small for good ones.
struct Heard {
  std::string letters;
  Done as(char letter) {
    return [this, letter](const Result<void>& result) { letters += result ? letter : static_cast<char>(letter - 32); };
  }
};

void write(Ledger& ledger, std::thread::id thread = kHere) {
  ledger.took_part(thread);
  ledger.wrote();
}

}  // namespace

TEST_CASE("a flush is answered when its batch is synced, not before") {
  Ledger ledger;
  Heard heard;
  write(ledger);
  give(ledger.flush(kHere, heard.as('a')));
  const auto first = ledger.committed();
  CHECK(heard.letters.empty());
  write(ledger);
  give(ledger.flush(kHere, heard.as('b')));
  const auto second = ledger.committed();
  give(ledger.synced(first));
  CHECK(heard.letters == "a");
  give(ledger.synced(second));
  CHECK(heard.letters == "ab");
}

TEST_CASE("a flush without anything unsynced is answered at once, one of a commit under way is not") {
  Ledger ledger;
  Heard heard;
  give(ledger.flush(kHere, heard.as('a')));
  CHECK(heard.letters == "a");
  write(ledger);
  const auto batch = ledger.committed();
  give(ledger.flush(kHere, heard.as('b')));
  CHECK(heard.letters == "a");
  give(ledger.synced(batch));
  CHECK(heard.letters == "ab");
  CHECK(ledger.all_synced());
}

TEST_CASE("a lost batch fails its own flushes and no others") {
  Ledger ledger;
  Heard heard;
  write(ledger);
  give(ledger.flush(kHere, heard.as('a')));
  const auto first = ledger.committed();
  write(ledger);
  give(ledger.flush(kHere, heard.as('b')));
  give(ledger.lost(kGone));
  CHECK(heard.letters == "B");
  write(ledger);
  give(ledger.flush(kHere, heard.as('c')));
  give(ledger.synced(first));
  CHECK(heard.letters == "Ba");
  give(ledger.synced(ledger.committed()));
  CHECK(heard.letters == "Bac");
}

TEST_CASE("who took part in a lost batch and flushes later is told once; others are not") {
  Ledger ledger;
  Heard heard;
  const auto other = another_thread();
  write(ledger, other);
  give(ledger.lost(kGone));
  give(ledger.flush(kHere, heard.as('a')));
  give(ledger.flush(other, heard.as('b')));
  give(ledger.flush(other, heard.as('c')));
  CHECK(heard.letters == "aBc");
}

TEST_CASE("who wrote in a lost batch and again in the next is told, though the next is synced") {
  Ledger ledger;
  Heard heard;
  write(ledger);
  give(ledger.lost(kGone));
  write(ledger);
  give(ledger.flush(kHere, heard.as('a')));
  CHECK(heard.letters == "A");
}

TEST_CASE("what was committed before a loss is not lost") {
  Ledger ledger;
  Heard heard;
  const auto other = another_thread();
  write(ledger, other);
  const auto batch = ledger.committed();
  write(ledger);
  give(ledger.lost(kGone));
  give(ledger.synced(batch));
  give(ledger.flush(other, heard.as('a')));
  CHECK(heard.letters == "a");
}

TEST_CASE("when everything fails, everybody who waits is told") {
  Ledger ledger;
  Heard heard;
  write(ledger);
  give(ledger.flush(kHere, heard.as('a')));
  ledger.committed();
  write(ledger);
  give(ledger.flush(kHere, heard.as('b')));
  give(ledger.fail_all(kGone));
  CHECK(heard.letters == "AB");
  CHECK(ledger.waiting() == 0);
}
