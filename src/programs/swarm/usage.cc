#include "programs/swarm/usage.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/text.h"

namespace holdfast::programs::swarm {
namespace {

constexpr Reason kProcessGone{"process-gone"};

/// proc(5): the command's name, in parentheses, may hold anything; the fields that count follow the last parenthesis.
Result<Usage> usage_of_one(int process) {
  std::ifstream file(cat("/proc/", process, "/stat"));
  std::string line;
  std::getline(file, line);
  const std::size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) {
    return fail(Next::NotFound, kProcessGone, cat("expected the process ", process, ", saw none"));
  }
  std::istringstream fields(line.substr(end_of_name + 2));
  std::vector<std::string> words;
  for (std::string word; fields >> word;) words.push_back(word);
  constexpr std::size_t kUserTime = 11;
  constexpr std::size_t kSystemTime = 12;
  constexpr std::size_t kResidentPages = 21;
  const auto number = [&](std::size_t at) { return words.size() > at ? std::stod(words[at]) : 0; };
  const double ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return Usage{(number(kUserTime) + number(kSystemTime)) / ticks_per_s,
               static_cast<std::size_t>(number(kResidentPages)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))};
}

}  // namespace

Result<Usage> usage_of(const std::vector<int>& processes) {
  Usage out;
  for (const int process : processes) {
    const Usage one = TRY(usage_of_one(process));
    out.cpu_s += one.cpu_s;
    out.resident_bytes += one.resident_bytes;
  }
  return out;
}

}  // namespace holdfast::programs::swarm
