// main() of ha_load. What it shares with tests checks with doctest, which ends the program here.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "ha/ha_load.h"

namespace {

void die_of_failed_check(const doctest::AssertData& failed) {
  std::fprintf(stderr, "%s:%d: expected %s, saw %s\n", failed.m_file, failed.m_line, failed.m_expr,
               failed.m_decomp.c_str());
  std::_Exit(1);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != holdfast::tests::kLoadWords) {
    std::fprintf(stderr, "usage: ha_load FOLDER DEVICE_PORT MANAGEMENT_PORT OWNER_LINK LEDGER DEVICES OPERATORS\n");
    return 2;
  }
  doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler(die_of_failed_check);
  std::signal(SIGPIPE, SIG_IGN);
  return holdfast::tests::play_load(words);
} catch (...) {
  return 1;
}
