// A command line as a table: each command with its options, a help text and examples. One unit turns the table into
// CLI11; nothing else knows which library reads arguments.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::cli {

inline constexpr Reason kUsageWrong{"usage-wrong"};

/// Text that the program was compiled with, so that a table of it costs nothing to make and nothing of it dangles.
struct Literal : std::string_view {
  Literal() = default;
  consteval Literal(const char* text) : std::string_view(text) {}
};

struct Option {
  Literal name;   ///< `--catalog`; without dashes: a positional argument
  Literal value;  ///< what stands for it in help, `NAME`; empty: a flag
  Literal help;
  bool required = false;
  bool repeated = false;   ///< may be given several times
  Literal otherwise = {};  ///< the value where it is not given
};

/// The options of one call, by name.
class Arguments {
 public:
  bool has(std::string_view name) const;
  /// The value, or what the table says otherwise.
  const std::string& text(std::string_view name) const;
  const std::vector<std::string>& texts(std::string_view name) const;

  void set(std::string name, std::vector<std::string> values) { values_[std::move(name)] = std::move(values); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct Command {
  std::string path;     ///< `device show`; empty: the program itself
  std::string summary;  ///< one line
  std::vector<Option> options;
  std::string examples;                               ///< lines to show under the help
  std::function<Result<void>(const Arguments&)> run;  ///< none: a group of commands, which only has a summary
  std::optional<int> exit_when_failed = {};           ///< instead of exit_code_of
};

struct Program {
  std::string name;
  std::string summary;
  std::string footer;  ///< under the help of the program itself
  std::vector<Command> commands;
};

/// 0: done. 1: failed. 2: wrong usage. 3: try again later. 4: there is no such thing. 5: not allowed. 6: in conflict
/// with what is there.
int exit_code_of(const Error& error);
extern const char* const kExitCodes;  ///< the same for help texts

/// Runs the command that the arguments name, or prints help. An error goes to stderr as one line. Returns the exit
/// code.
int run_program(const Program& program, int argc, char** argv);

}  // namespace holdfast::cli
