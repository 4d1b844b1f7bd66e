#include "cli/output/show.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::cli {

const Option& output_option() {
  static const Option kOption{.name = "--output", .value = "FORMAT", .help = "table or json", .otherwise = "table"};
  return kOption;
}

Result<Format> format_of(const Arguments& arguments) {
  const std::string& word = arguments.text("--output");
  if (word.empty() || word == "table") return Format::Table;
  if (word == "json") return Format::Json;
  return fail(Next::Rejected, kUsageWrong, cat("expected --output table or json, saw '", printable(word, 40), "'"));
}

void show_list(const World& world, Format format, const json::Array& items, const std::vector<Column>& columns) {
  if (format == Format::Json) return world.print(json::dump_pretty(items) + "\n");
  std::vector<std::string> headings;
  for (const Column& column : columns) headings.push_back(column.heading);
  Table table(std::move(headings));
  for (const json::Value& item : items) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(in_words(item.find(column.member)));
    table.add(std::move(cells));
  }
  world.print(table.text());
}

void show_record(const World& world, Format format, const json::Value& record) {
  if (format == Format::Json) return world.print(json::dump_pretty(record) + "\n");
  if (record.object() == nullptr) return;
  std::size_t width = 0;
  for (const auto& [name, value] : *record.object()) width = std::max(width, name.size());
  for (const auto& [name, value] : *record.object()) {
    std::string words = printable(name, kCellBytesMax);
    std::ranges::replace(words, '_', ' ');
    words.append(width > words.size() ? width - words.size() : 0, ' ');
    const std::string said = printable(in_words(&value), kCellBytesMax);
    world.print(cat(words, "  ", said.empty() ? "-" : said, "\n"));
  }
}

void show_done(const World& world, Format format, std::string_view sentence) {
  if (format == Format::Json) return world.print(json::dump_pretty(json::Object{{"done", sentence}}) + "\n");
  world.print(cat(sentence, "\n"));
}

}  // namespace holdfast::cli
