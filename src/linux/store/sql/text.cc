#include "linux/store/sql/text.h"

#include "base/text.h"

namespace holdfast::linux::store::sql {

using ports::Record;
using ports::Schema;

namespace {

bool is_null(const ports::Field& field) { return std::holds_alternative<std::monostate>(field); }

std::string column(const Schema& schema, std::size_t position) { return quoted(schema.columns[position].name); }

/// Hands out parameters in their order.
class Parameters {
 public:
  explicit Parameters(Mark mark) : mark_(static_cast<char>(mark)) {}
  std::string next() { return cat(mark_, ++last_); }

 private:
  char mark_;
  int last_ = 0;
};

std::string columns_text(const Schema& schema) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) names.push_back(column(schema, i));
  return join(names, ", ");
}

std::string key_text(const Schema& schema, Parameters& parameters) {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < schema.key_size; ++i) terms.push_back(cat(column(schema, i), " = ", parameters.next()));
  return join(terms, " AND ");
}

/// Fixes the first `fixed` columns to their values in `from`.
Stretch stretch_of(const ports::Path& path, const Record& from, std::size_t fixed, bool descending) {
  Stretch out{.index = path.index,
              .order = path.columns,
              .fixed = fixed,
              .nulls = 0,
              .bound = Bound::None,
              .descending = descending,
              .values = {}};
  for (std::size_t i = 0; i < fixed; ++i) {
    if (is_null(from[i])) {
      out.nulls |= std::uint64_t{1} << i;
    } else {
      out.values.push_back(from[i]);
    }
  }
  return out;
}

/// What lies behind `after` and agrees with it in exactly its first `fixed` columns.
void append_behind(std::vector<Stretch>& out, const Schema& schema, const ports::Path& path, std::size_t fixed,
                   bool descending) {
  const ports::Field& last = path.after[fixed];
  if (descending && is_null(last)) return;  // nothing comes after NULL there
  Stretch beyond = stretch_of(path, path.after, fixed, descending);
  if (is_null(last)) {
    beyond.bound = Bound::NotNull;
  } else {
    beyond.bound = descending ? Bound::Below : Bound::Above;
    beyond.values.push_back(last);
  }
  out.push_back(std::move(beyond));
  if (!descending || !schema.columns[path.columns[fixed]].nullable) return;
  Record with_null = path.after;
  with_null[fixed] = {};
  out.push_back(stretch_of(path, with_null, fixed + 1, descending));
}

std::string condition_text(const Schema& schema, const Stretch& stretch, Parameters& parameters) {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < stretch.fixed; ++i) {
    const bool null = (stretch.nulls >> i & 1) != 0;
    terms.push_back(column(schema, stretch.order[i]) + (null ? " IS NULL" : " = " + parameters.next()));
  }
  if (stretch.bound != Bound::None) {
    const std::string name = column(schema, stretch.order[stretch.fixed]);
    if (stretch.bound == Bound::NotNull) terms.push_back(name + " IS NOT NULL");
    if (stretch.bound == Bound::Above) terms.push_back(name + " > " + parameters.next());
    if (stretch.bound == Bound::Below) terms.push_back(name + " < " + parameters.next());
  }
  return terms.empty() ? "" : " WHERE " + join(terms, " AND ");
}

std::string order_text(const Schema& schema, const Stretch& stretch) {
  std::vector<std::string> terms;
  for (std::size_t i = stretch.fixed; i < stretch.order.size(); ++i) {
    const bool nullable = schema.columns[stretch.order[i]].nullable;
    std::string term = column(schema, stretch.order[i]) + (stretch.descending ? " DESC" : " ASC");
    if (nullable) term += stretch.descending ? " NULLS LAST" : " NULLS FIRST";
    terms.push_back(std::move(term));
  }
  return terms.empty() ? "" : " ORDER BY " + join(terms, ", ");
}

}  // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string insert_text(const Schema& schema, Mark mark) {
  Parameters parameters(mark);
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) marks.push_back(parameters.next());
  return cat("INSERT INTO ", quoted(schema.table), " (", columns_text(schema), ") VALUES (", join(marks, ", "), ")");
}

std::string update_text(const Schema& schema, std::uint64_t changed, Mark mark) {
  Parameters parameters(mark);
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if ((changed >> i & 1) != 0) terms.push_back(cat(column(schema, i), " = ", parameters.next()));
  }
  const std::string set = join(terms, ", ");
  return cat("UPDATE ", quoted(schema.table), " SET ", set, " WHERE ", key_text(schema, parameters));
}

std::string erase_text(const Schema& schema, Mark mark) {
  Parameters parameters(mark);
  return cat("DELETE FROM ", quoted(schema.table), " WHERE ", key_text(schema, parameters));
}

std::string get_text(const Schema& schema, Mark mark) {
  Parameters parameters(mark);
  return cat("SELECT ", columns_text(schema), " FROM ", quoted(schema.table), " WHERE ", key_text(schema, parameters));
}

std::uint32_t Stretch::shape() const {
  return static_cast<std::uint32_t>(index << 16 | fixed << 8 | static_cast<std::size_t>(bound) << 1 |
                                    static_cast<std::size_t>(descending));
}

std::vector<Stretch> stretches_of(const Schema& schema, const ports::Path& path, const ports::Scan& scan) {
  std::vector<Stretch> out;
  if (path.after.empty()) {
    out.push_back(stretch_of(path, scan.prefix, scan.prefix.size(), scan.descending));
    return out;
  }
  for (std::size_t fixed = path.columns.size(); fixed-- > scan.prefix.size();) {
    append_behind(out, schema, path, fixed, scan.descending);
  }
  return out;
}

std::string stretch_text(const Schema& schema, const Stretch& stretch, Mark mark) {
  Parameters parameters(mark);
  const std::string condition = condition_text(schema, stretch, parameters);
  return cat("SELECT ", columns_text(schema), " FROM ", quoted(schema.table), condition, order_text(schema, stretch),
             " LIMIT ", parameters.next());
}

}  // namespace holdfast::linux::store::sql
