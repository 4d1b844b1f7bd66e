#include "cli/commands/waiting.h"

#include "base/text.h"

namespace holdfast::cli::commands {

const json::Value* waiting_in(const json::Value& answer) { return answer.find("waits"); }

std::string name_of_change(const json::Value& approval) {
  const auto said = [&](std::string_view member) { return printable(in_words(approval.find(member)), 240); };
  return cat("change ", said("number"), " (", said("kind"), " ", said("subject"), ")");
}

bool show_waiting(const Call& call, const json::Value& answer) {
  const json::Value* waits = waiting_in(answer);
  if (waits == nullptr) return false;
  if (call.format == Format::Json) {
    show_record(call.world, call.format, answer);
    return true;
  }
  const std::string number = printable(in_words(waits->find("number")), 20);
  call.world.print(cat("Nothing has changed yet: this loosens what ", printable(call.catalog, 60),
                       " trusts, and waits as ", name_of_change(*waits), " until ",
                       printable(in_words(waits->find("expires_at")), 40), ".\nIt lets in:\n"));
  const json::Value* words = waits->find("lets_in");
  if (words != nullptr && words->array() != nullptr) {
    for (const json::Value& one : *words->array()) {
      call.world.print(cat("  ", printable(in_words(&one), kCellBytesMax), "\n"));
    }
  }
  call.world.print(
      cat("It needs: ", printable(in_words(waits->find("needs")), 80), ". See holdfast approval show ", number, ".\n"));
  return true;
}

}  // namespace holdfast::cli::commands
