#include <doctest/doctest.h>

#include "cli/arguments/command.h"
#include "cli/arguments/completion.h"

using namespace holdfast;
using namespace holdfast::cli;

namespace {

struct Seen {
  std::string command;
  Arguments arguments;
};

int run(Seen& seen, std::vector<std::string> words) {
  const auto note = [&seen](const std::string& name) {
    return [&seen, name](const Arguments& arguments) -> Result<void> {
      seen = {name, arguments};
      if (arguments.has("--fail")) return fail(Next::NotFound, Reason("nothing"), "there is none");
      return {};
    };
  };
  const Program program{
      "tool",
      "A tool.",
      "",
      {{"device show",
        "Shows.",
        {{"device", "ID", "which", true}, {"--output", "FORMAT", "how", false, false, "table"}},
        "",
        note("show")},
       {"device", "Devices.", {}, "", {}},
       {"device list", "Lists.", {{"--fail", "", "fails"}, {"--tag", "T", "tags", false, true}}, "", note("list")},
       {"put",
        "Puts.",
        {{"NAME", "NAME", "which", true}, {"FILE", "FILE", "what", true}, {"--tag", "T", "tags", false, true}},
        "",
        note("put")},
       {"add", "Adds.", {{"FILE", "FILE", "what", true, true}, {"--to", "T", "where", true}}, "", note("add")},
       {"judge", "Judges.", {{"--fail", "", "fails"}}, "", note("judge"), 1}}};
  words.insert(words.begin(), "tool");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return run_program(program, static_cast<int>(argv.size()), argv.data());
}

}  // namespace

TEST_CASE("the command that is named runs with its options") {
  Seen seen;
  CHECK(run(seen, {"device", "show", "hf-1"}) == 0);
  CHECK(seen.command == "show");
  CHECK(seen.arguments.text("device") == "hf-1");
  CHECK(seen.arguments.text("--output") == "table");
  CHECK(run(seen, {"device", "list", "--tag", "a", "--tag", "b"}) == 0);
  CHECK(seen.arguments.texts("--tag") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("each positional argument takes its own value, wherever the options stand") {
  Seen seen;
  for (const auto& words : std::vector<std::vector<std::string>>{{"put", "a", "b", "--tag", "x", "--tag", "y"},
                                                                 {"put", "--tag", "x", "a", "--tag", "y", "b"},
                                                                 {"put", "--tag", "x", "--tag", "y", "a", "b"}}) {
    CHECK(run(seen, words) == 0);
    CHECK(seen.arguments.text("NAME") == "a");
    CHECK(seen.arguments.text("FILE") == "b");
    CHECK(seen.arguments.texts("--tag") == std::vector<std::string>{"x", "y"});
  }
  CHECK(run(seen, {"put", "a", "b", "c"}) == 2);
}

TEST_CASE("a repeated positional argument takes what is left") {
  Seen seen;
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"add", "a", "b", "--to", "x"}, {"add", "--to", "x", "a", "b"}, {"add", "a", "--to", "x", "b"}}) {
    CHECK(run(seen, words) == 0);
    CHECK(seen.arguments.texts("FILE") == std::vector<std::string>{"a", "b"});
    CHECK(seen.arguments.text("--to") == "x");
  }
}

TEST_CASE("wrong usage exits with 2 and runs nothing") {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{},
                                             {"device"},
                                             {"device", "show"},
                                             {"device", "show", "a", "b"},
                                             {"device", "list", "--none"},
                                             {"other"},
                                             {"device", "show", "a", "--output", "x", "--output", "y"}}) {
    Seen seen;
    CHECK(run(seen, words) == 2);
    CHECK(seen.command.empty());
  }
}

TEST_CASE("a failure's exit code says what to do next") {
  Seen seen;
  CHECK(run(seen, {"device", "list", "--fail"}) == 4);
}

TEST_CASE("a command may have one exit code for all its failures") {
  Seen seen;
  CHECK(run(seen, {"judge", "--fail"}) == 1);
  CHECK(run(seen, {"judge"}) == 0);
}

TEST_CASE("the completion of a program offers after each word what may follow it") {
  const Program program{"tool",
                        "",
                        "",
                        {{"device", "", {}, "", {}},
                         {"device show", "", {{"--output", "FORMAT", ""}, {"DEVICE", "DEVICE", ""}}, "", {}},
                         {"watch", "", {{"--after", "N", ""}}, "", {}}}};
  const std::string script = bash_completion(program);
  CHECK(script.find("    \"device show \"*) words=\"--help --output\" ;;\n") != std::string::npos);
  CHECK(script.find("    \"device \"*) words=\"--help show\" ;;\n") != std::string::npos);
  CHECK(script.find("    *) words=\"device watch\" ;;\n") != std::string::npos);
  CHECK(script.find("\"device show \"") < script.find("\"device \"*"));
  CHECK(script.ends_with("complete -o default -F _tool tool\n"));
}
