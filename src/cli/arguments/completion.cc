#include "cli/arguments/completion.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace holdfast::cli {
namespace {

/// What may follow each path of words: the next words, and options.
std::map<std::string, std::set<std::string>> words_after(const Program& program) {
  std::map<std::string, std::set<std::string>> out;
  for (const Command& command : program.commands) {
    std::string path;
    for (const std::string_view word : split(command.path, ' ')) {
      if (word.empty()) continue;
      out[path].emplace(word);
      path += cat(word, " ");
    }
    out[path].emplace("--help");
    for (const Option& option : command.options) {
      if (option.name.starts_with("--")) out[path].emplace(option.name);
    }
  }
  return out;
}

}  // namespace

std::string bash_completion(const Program& program) {
  std::string function = program.name;
  std::ranges::replace(function, '-', '_');
  std::string out = cat("_", function,
                        "() {\n"
                        "  local typed=${COMP_WORDS[COMP_CWORD]} path= words= word\n"
                        "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                        "    [[ $word == -* ]] || path+=\"$word \"\n"
                        "  done\n"
                        "  case $path in\n");
  const auto after = words_after(program);
  // The longest path first, since what follows it are values that are no commands.
  for (auto at = after.rbegin(); at != after.rend(); ++at) {
    const auto& [path, words] = *at;
    const std::string pattern = path.empty() ? "*" : cat("\"", path, "\"*");
    out +=
        cat("    ", pattern, ") words=\"", join(std::vector<std::string>(words.begin(), words.end()), " "), "\" ;;\n");
  }
  return out + cat("  esac\n"
                   "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$typed\")\n"
                   "}\n"
                   "complete -o default -F _",
                   function, " ", program.name, "\n");
}

}  // namespace holdfast::cli
