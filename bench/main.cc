// holdfast-bench [NAME]...: measures the named figures, or all, and exits 1 when a bound was missed.
#include <array>
#include <cstdio>
#include <string_view>

#include "bench/rows.h"
#include "bench/table.h"

namespace {

using namespace holdfast;

struct Entry {
  std::string_view name;
  Result<bench::Comparison> (*make)();
};

constexpr std::array kEntries = {
    Entry{"full-handshake", bench::full_handshake},
    Entry{"resumed-handshake", bench::resumed_handshake},
    Entry{"keep-alive", bench::kept_connection},
    Entry{"certificate-issue", bench::certificate_issue},
    Entry{"quote-verification", bench::quote_verification},
};

bool is_wanted(std::string_view name, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (name == argv[i]) return true;
  }
  return argc == 1;
}

bool is_known(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return true;
  }
  return false;
}

/// Whether the figure was measured and its bound met.
bool measure_and_print(const Entry& entry) {
  const auto comparison = entry.make();
  if (!comparison) {
    std::fprintf(stderr, "%s: %s\n", std::string(entry.name).c_str(), comparison.error().message.c_str());
    return false;
  }
  const bench::Measured measured =
      comparison->cpu_ns ? bench::measure(*comparison, {.rounds = 7, .turn = Duration(500)}, comparison->cpu_ns)
                         : bench::measure(*comparison, {});
  std::puts(bench::row_of(*comparison, measured).c_str());
  return bench::is_met(*comparison, measured);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (is_known(argv[i])) continue;
    std::fprintf(stderr, "expected one of:");
    for (const Entry& entry : kEntries) std::fprintf(stderr, " %s", std::string(entry.name).c_str());
    std::fprintf(stderr, "; saw %s\n", argv[i]);
    return 2;
  }
  std::puts(bench::heading().c_str());
  bool met = true;
  for (const Entry& entry : kEntries) {
    if (is_wanted(entry.name, argc, argv)) met = measure_and_print(entry) && met;
  }
  return met ? 0 : 1;
}
