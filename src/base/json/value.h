// JSON as a value. Reading goes through simdjson with limits on size, depth and number of nodes, and refuses what
// parsers disagree about: a byte order mark, duplicate names, numbers that do not fit. Writing goes through Boost.JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::json {

inline constexpr Reason kJsonMalformed{"json-malformed"};
inline constexpr Reason kJsonTooLarge{"json-too-large"};
inline constexpr Reason kJsonShape{"json-shape"};

class Value;
struct Member;
using Array = std::vector<Value>;
/// Members in the order written; names are unique.
using Object = std::vector<Member>;

/// Made in many places and compiled in one: nothing here is inline that does not have to be.
class Value {
 public:
  Value();
  Value(bool value);
  Value(std::int64_t value);
  Value(int value);
  Value(double value);
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(Array value);
  Value(Object value);
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
  const double* number() const { return std::get_if<double>(&held_); }
  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const Array* array() const { return std::get_if<Array>(&held_); }
  const Object* object() const { return std::get_if<Object>(&held_); }
  Array* array() { return std::get_if<Array>(&held_); }
  Object* object() { return std::get_if<Object>(&held_); }

  /// The member of an object by name; nullptr where there is none or this is no object.
  const Value* find(std::string_view name) const;
  /// Sets or replaces a member. This must be an object or null, which becomes one.
  Value& set(std::string_view name, Value value);

  /// `an object`, `text`, … for errors.
  std::string_view kind() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> held_;
};

struct Member {
  Member(std::string_view given_name, Value given);
  friend bool operator==(const Member&, const Member&) = default;

  std::string name;
  Value value;
};

struct Limits {
  std::size_t bytes_max = 256 * 1024;
  std::size_t depth_max = 16;
  std::size_t nodes_max = 20'000;
};

Result<Value> parse(Bytes text, const Limits& limits = {});

/// Compact, members in their order, UTF-8.
std::string dump(const Value& value);

/// Indented by two spaces, for people.
std::string dump_pretty(const Value& value);

}  // namespace holdfast::json
