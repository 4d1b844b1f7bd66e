#include "cli/arguments/command.h"

namespace holdfast::cli {

const char* const kExitCodes =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 try again later, 4 there is no such thing, 5 not allowed,\n"
    "6 in conflict with what is there.";

bool Arguments::has(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !found->second.empty();
}

const std::vector<std::string>& Arguments::texts(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

const std::string& Arguments::text(std::string_view name) const {
  static const std::string kNone;
  const auto& values = texts(name);
  return values.empty() ? kNone : values.front();
}

int exit_code_of(const Error& error) {
  if (error.reason == kUsageWrong) return 2;
  switch (error.next) {
    case Next::Retry:
    case Next::Exhausted: return 3;
    case Next::NotFound: return 4;
    case Next::Denied: return 5;
    case Next::Conflict: return 6;
    case Next::Rejected:
    case Next::Corrupt: return 1;
  }
  return 1;
}

}  // namespace holdfast::cli
