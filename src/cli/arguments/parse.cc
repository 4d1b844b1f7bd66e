// The one unit that knows CLI11.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <deque>

#include "base/text.h"
#include "cli/arguments/command.h"

namespace holdfast::cli {
namespace {

/// Where CLI11 puts what it reads; lives as long as its App.
struct Slot {
  const Option* option;
  std::vector<std::string> values;
  bool flag = false;
};

struct Binding {
  const Command* command;
  CLI::App* app;
  std::deque<Slot> slots;
};

void add_option(CLI::App& app, Binding& binding, const Option& option) {
  Slot& slot = binding.slots.emplace_back(Slot{&option, {}, false});
  if (option.value.empty()) {
    app.add_flag(std::string(option.name), slot.flag, std::string(option.help));
    return;
  }
  CLI::Option* added = app.add_option(std::string(option.name), slot.values, std::string(option.help));
  added->type_name(option.value == option.name ? "" : std::string(option.value));
  added->required(option.required);
  added->expected(option.repeated ? -1 : 1);
  added->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
  // An option takes one value each time that it is given, so that a positional argument may follow it; of those, only
  // a repeated one takes what is left.
  added->allow_extra_args(option.repeated && !option.name.starts_with("--"));
  if (!option.otherwise.empty()) added->description(cat(option.help, " [", option.otherwise, "]"));
}

/// The App for `path`, with those for the words before its last.
CLI::App* app_for(CLI::App& root, std::string_view path) {
  CLI::App* at = &root;
  for (const std::string_view word : split(path, ' ')) {
    if (word.empty()) continue;
    const auto known = at->get_subcommands([&](const CLI::App* app) { return app->get_name() == word; });
    if (known.empty()) {
      at = at->add_subcommand(std::string(word));
      at->require_subcommand(0, 1);
    } else {
      at = known.front();
    }
  }
  return at;
}

Arguments arguments_of(const Binding& binding) {
  Arguments out;
  for (const Slot& slot : binding.slots) {
    const std::string name(slot.option->name);
    const std::string otherwise(slot.option->otherwise);
    if (slot.flag) out.set(name, {"true"});
    if (!slot.values.empty()) out.set(name, slot.values);
    if (slot.values.empty() && !otherwise.empty()) out.set(name, {otherwise});
  }
  return out;
}

/// The deepest command that the arguments named.
const Binding* chosen(const std::deque<Binding>& bindings) {
  const Binding* out = nullptr;
  for (const Binding& binding : bindings) {
    const bool is_root = binding.command->path.empty();
    if (is_root || binding.app->parsed()) {
      if (out == nullptr || binding.command->path.size() >= out->command->path.size()) out = &binding;
    }
  }
  return out;
}

const CLI::App* deepest_parsed(const CLI::App& root) {
  const CLI::App* at = &root;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
  CLI::App root(program.summary, program.name);
  root.footer(program.footer);
  root.require_subcommand(0, 1);
  std::deque<Binding> bindings;
  for (const Command& command : program.commands) {
    CLI::App* app = app_for(root, command.path);
    Binding& binding = bindings.emplace_back(Binding{&command, app, {}});
    if (!command.path.empty()) app->description(command.summary);
    if (!command.examples.empty()) app->footer(cat("Examples:\n", command.examples));
    for (const Option& option : command.options) add_option(*app, binding, option);
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return root.exit(error);
    std::fprintf(stderr, "%s: %s\nTry '%s --help'.\n", program.name.c_str(), printable(error.what(), 400).c_str(),
                 program.name.c_str());
    return 2;
  }
  const Binding* binding = chosen(bindings);
  const CLI::App* named = deepest_parsed(root);
  if (binding == nullptr || binding->app != named || !binding->command->run) {
    std::fputs(named->help().c_str(), stderr);
    return 2;
  }
  const auto done = binding->command->run(arguments_of(*binding));
  if (done) return 0;
  std::fprintf(stderr, "%s: %s (%s)\n", program.name.c_str(), done.error().message.c_str(),
               std::string(done.error().reason.word()).c_str());
  return binding->command->exit_when_failed.value_or(exit_code_of(done.error()));
}

}  // namespace holdfast::cli
