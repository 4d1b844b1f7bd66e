// What a command says: a table for people, or JSON for programs (`--output`). Both are made from the service's own
// answer, so that neither leaves out what the other tells.
#pragma once

#include "cli/arguments/command.h"
#include "cli/output/table.h"
#include "cli/world/world.h"

namespace holdfast::cli {

enum class Format { Table, Json };

/// `--output table|json`, for a command's options.
const Option& output_option();
Result<Format> format_of(const Arguments& arguments);

struct Column {
  std::string heading;
  std::string member;  ///< of each item
};

/// JSON: the items as an array.
void show_list(const World& world, Format format, const json::Array& items, const std::vector<Column>& columns);
/// A line for each member; JSON: the object.
void show_record(const World& world, Format format, const json::Value& record);
/// A sentence with a newline; JSON: `{"done": "…"}`.
void show_done(const World& world, Format format, std::string_view sentence);

}  // namespace holdfast::cli
