#include "bench/table.h"

#include <array>
#include <cstdio>

namespace holdfast::bench {
namespace {

constexpr const char* kHeadingForm = "%-42s %-32s %7s %7s %-7s %s";
constexpr const char* kRowForm = "%-42s %-32s %7.2f %7.2f %-7s %.1f / %.1f us, %.2f to %.2f";
constexpr const char* kFigureForm = "%-42s %-32s %7.2f %7.2f %-7s %s";
constexpr std::size_t kLineBytesMax = 256;

template <class... Parts>
std::string line(const char* form, Parts... parts) {
  std::array<char, kLineBytesMax> text{};
  std::snprintf(text.data(), text.size(), form, parts...);
  return text.data();
}

}  // namespace

bool is_met(const Comparison& comparison, const Measured& measured) { return measured.ratio <= comparison.ratio_max; }

std::string heading() { return line(kHeadingForm, "what", "against", "ratio", "bound", "", "medians, spread"); }

std::string row_of(const Comparison& comparison, const Measured& measured) {
  return line(kRowForm, comparison.what.c_str(), comparison.against.c_str(), measured.ratio, comparison.ratio_max,
              is_met(comparison, measured) ? "met" : "MISSED", measured.subject_us, measured.peer_us, measured.lowest,
              measured.highest);
}

bool is_met(const Figure& figure) {
  return figure.at_least ? figure.value >= figure.bound : figure.value <= figure.bound;
}

std::string row_of(const Figure& figure) {
  return line(kFigureForm, figure.what.c_str(), figure.at_least ? "at least" : "at most", figure.value, figure.bound,
              is_met(figure) ? "met" : "MISSED", figure.unit.c_str());
}

}  // namespace holdfast::bench
