#include "programs/holdfast_agent/arguments.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"

namespace holdfast::programs {
namespace {

constexpr std::size_t kHelpColumn = 22;

std::unexpected<Error> usage_wrong(std::string sentence) {
  return fail(Next::Rejected, cli::kUsageWrong, std::move(sentence));
}

void print_help(const cli::Program& program, const cli::Command& command) {
  std::string out = cat(program.summary, "\nUsage: ", program.name, " [OPTIONS]\n\nOptions:\n");
  for (const cli::Option& option : command.options) {
    std::string left = cat("  ", option.name, option.value.empty() ? "" : " ", option.value);
    left.resize(std::max(left.size() + 1, kHelpColumn), ' ');
    out += cat(left, option.help, option.required ? " (required)" : "",
               option.otherwise.empty() ? "" : cat(" [", option.otherwise, "]"), '\n');
  }
  out += cat("\nExamples:\n", command.examples, "\n\n", program.footer, '\n');
  std::fputs(out.c_str(), stdout);
}

}  // namespace

Result<cli::Arguments> read_arguments(const cli::Command& command, std::span<const char* const> words) {
  cli::Arguments out;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view whole = words[at];
    const std::size_t equals = whole.find('=');
    const std::string_view word = whole.substr(0, equals);
    const auto option = std::ranges::find(command.options, word, &cli::Option::name);
    if (option == command.options.end()) return usage_wrong(cat("expected an option, saw '", printable(word), "'"));
    if (out.has(word)) return usage_wrong(cat("expected ", word, " once, saw it twice"));
    const bool is_flag = option->value.empty();
    const bool is_joined = equals != std::string_view::npos;
    if (is_flag && is_joined) return usage_wrong(cat("expected ", word, " without a value, saw one"));
    if (!is_flag && !is_joined && at + 1 == words.size()) {
      return usage_wrong(cat("expected a ", option->value, " behind ", word));
    }
    out.set(std::string(option->name), {is_flag     ? "true"
                                        : is_joined ? std::string(whole.substr(equals + 1))
                                                    : words[++at]});
  }
  for (const cli::Option& option : command.options) {
    if (out.has(option.name)) continue;
    if (option.required) return usage_wrong(cat(option.name, " is required"));
    if (!option.otherwise.empty()) out.set(std::string(option.name), {std::string(option.otherwise)});
  }
  return out;
}

int run_one_command(const cli::Program& program, std::span<const char* const> words) {
  const cli::Command& command = program.commands.front();
  const bool wants_help = std::ranges::any_of(
      words, [](const char* word) { return std::string_view(word) == "--help" || std::string_view(word) == "-h"; });
  if (wants_help) {
    print_help(program, command);
    return 0;
  }
  const auto arguments = read_arguments(command, words);
  if (!arguments) {
    std::fprintf(stderr, "%s: %s\nTry '%s --help'.\n", program.name.c_str(), arguments.error().message.c_str(),
                 program.name.c_str());
    return cli::exit_code_of(arguments.error());
  }
  const auto done = command.run(*arguments);
  if (done) return 0;
  std::fprintf(stderr, "%s: %s (%s)\n", program.name.c_str(), printable(done.error().message, 2000).c_str(),
               std::string(done.error().reason.word()).c_str());
  return cli::exit_code_of(done.error());
}

}  // namespace holdfast::programs
