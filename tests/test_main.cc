// main() of every test program. A program in which no case ran has tested nothing, and says so by failing; a case that
// cannot run here calls skip_program() (tests/skip.h), and the program exits 77, which ctest counts as skipped.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "skip.h"

namespace {
bool& skipped() {
  static bool is_skipped = false;
  return is_skipped;
}
}  // namespace

void holdfast::skip_program(const char* why) {
  std::printf("SKIPPED: %s\n", why);
  skipped() = true;
}

namespace {

struct CaseCounter : doctest::IReporter {
  explicit CaseCounter(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& stats) override { ran = stats.numTestCasesPassingFilters; }
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
  static inline unsigned ran = 0;
};
REGISTER_LISTENER("case-counter", 1, CaseCounter);

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const int status = context.run();
  if (context.shouldExit()) return status;
  if (CaseCounter::ran == 0) {
    std::fprintf(stderr, "no test case ran\n");
    return 1;
  }
  return status == 0 && skipped() ? 77 : status;
}
