#include <simdjson.h>
#include <algorithm>

#include "base/json/value.h"
#include "base/text.h"

namespace holdfast::json {
namespace {

namespace dom = simdjson::dom;

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kJsonMalformed, std::move(message));
}

class Builder {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  Result<Value> build(dom::element element) {
    if (++nodes_ > limits_.nodes_max) {
      return fail(Next::Rejected, kJsonTooLarge, cat("expected at most ", limits_.nodes_max, " JSON values, saw more"));
    }
    switch (element.type()) {
      case dom::element_type::NULL_VALUE: return Value();
      case dom::element_type::BOOL: return Value(bool(element));
      case dom::element_type::INT64: return Value(std::int64_t(element));
      case dom::element_type::UINT64: return malformed("expected integers of at most 63 bits, saw a larger one");
      case dom::element_type::DOUBLE: return Value(double(element));
      case dom::element_type::STRING: return Value(std::string_view(element));
      case dom::element_type::ARRAY: return build_array(element);
      case dom::element_type::OBJECT: return build_object(element);
    }
    return malformed("saw a JSON value of unknown kind");
  }

 private:
  Result<Value> build_array(dom::array elements) {
    Array array;
    for (const dom::element element : elements) array.push_back(TRY(build(element)));
    return Value(std::move(array));
  }

  Result<Value> build_object(dom::object members) {
    Object object;
    for (const dom::key_value_pair member : members) {
      object.emplace_back(std::string(member.key), TRY(build(member.value)));
    }
    std::vector<std::string_view> names;
    for (const Member& member : object) names.push_back(member.name);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) {
      return malformed(cat("expected each name once, saw \"", printable(*twice, 60), "\" twice"));
    }
    return Value(std::move(object));
  }

  const Limits& limits_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<Value> parse(Bytes text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return fail(Next::Rejected, kJsonTooLarge,
                cat("expected at most ", limits.bytes_max, " bytes of JSON, saw ", text.size()));
  }
  if (text.size() >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF) {
    return malformed("expected JSON without a byte order mark, saw one");
  }
  dom::parser parser(limits.bytes_max);
  const simdjson::padded_string padded(as_text(text));
  dom::element root;
  if (parser.allocate(text.size() + 1, limits.depth_max) != simdjson::SUCCESS) {
    return fail(Next::Exhausted, kJsonTooLarge, "no memory to parse JSON");
  }
  if (const auto error = parser.parse(padded).get(root)) {
    return malformed(
        cat("expected JSON of at most ", limits.depth_max, " levels, saw: ", simdjson::error_message(error)));
  }
  return Builder(limits).build(root);
}

}  // namespace holdfast::json
