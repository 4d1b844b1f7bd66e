// holdfast-bench [NAME]...: measures the named figures, or all, and exits 1 when a bound was missed.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "bench/rows.h"
#include "bench/table.h"
#include "bench/update_rows.h"

namespace {

using namespace holdfast;

struct Row {
  std::string text;
  bool met;
};

template <Result<bench::Comparison> (*Make)()>
Result<Row> compared() {
  const bench::Comparison one = TRY(Make());
  const bench::Measured measured =
      one.cpu_ns ? bench::measure(one, {.rounds = 7, .turn = Duration(500)}, one.cpu_ns) : bench::measure(one, {});
  return Row{bench::row_of(one, measured), bench::is_met(one, measured)};
}

template <Result<bench::Figure> (*Make)()>
Result<Row> found() {
  const bench::Figure figure = TRY(Make());
  return Row{bench::row_of(figure), bench::is_met(figure)};
}

/// A row and what the measuring of it needs, up to its text.
struct Entry {
  std::string_view name;
  Result<Row> (*measure)();
};

constexpr std::array kEntries = {
    Entry{"full-handshake", compared<bench::full_handshake>},
    Entry{"resumed-handshake", compared<bench::resumed_handshake>},
    Entry{"keep-alive", compared<bench::kept_connection>},
    Entry{"check-in", compared<bench::durable_check_ins>},
    Entry{"attestation", compared<bench::attestations>},
    Entry{"update-check", compared<bench::update_checks>},
    Entry{"durable-rows", compared<bench::durable_rows>},
    Entry{"acknowledgements", found<bench::acknowledgements_per_sync>},
    Entry{"idle-connection", found<bench::idle_connections>},
    Entry{"certificate-issue", compared<bench::certificate_issue>},
    Entry{"quote-verification", compared<bench::quote_verification>},
    Entry{"update-os-36", found<bench::update_os_36>},
    Entry{"update-os-5", found<bench::update_os_5>},
    Entry{"update-application", found<bench::update_application>},
    Entry{"update-kernel", found<bench::update_kernel>},
    Entry{"update-go", found<bench::update_go>},
    Entry{"update-media", found<bench::update_media>},
    Entry{"update-digests", found<bench::update_digests>},
    Entry{"update-apply-cpu", found<bench::update_apply_cpu>},
    Entry{"update-apply-memory", found<bench::update_apply_memory>},
    Entry{"update-apply-anonymous", found<bench::update_apply_anonymous>},
    Entry{"update-make-cpu", found<bench::update_make_cpu>},
    Entry{"update-make-memory", found<bench::update_make_memory>},
    Entry{"deployment", found<bench::deployment_of_140_000>},
    Entry{"update-rollout", found<bench::rollout_of_100_000>},
};

/// `update` is every `update-…`.
bool is_named(std::string_view name, std::string_view word) {
  return name == word || (name.starts_with(word) && name.substr(word.size()).starts_with('-'));
}

bool is_wanted(std::string_view name, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (is_named(name, argv[i])) return true;
  }
  return argc == 1;
}

bool is_known(std::string_view word) {
  for (const Entry& entry : kEntries) {
    if (is_named(entry.name, word)) return true;
  }
  return false;
}

/// Whether the figure was measured and its bound met.
bool measure_and_print(const Entry& entry) {
  const auto row = entry.measure();
  if (!row) {
    std::fprintf(stderr, "%s: %s\n", std::string(entry.name).c_str(), row.error().message.c_str());
    return false;
  }
  std::puts(row->text.c_str());
  std::fflush(stdout);
  return row->met;
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
