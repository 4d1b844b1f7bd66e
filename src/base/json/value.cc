#include "base/json/value.h"

#include <utility>

#include "base/check.h"

namespace holdfast::json {

Value::Value() = default;
Value::Value(bool value) : held_(value) {}
Value::Value(std::int64_t value) : held_(value) {}
Value::Value(int value) : held_(std::int64_t{value}) {}
Value::Value(double value) : held_(value) {}
Value::Value(std::string value) : held_(std::move(value)) {}
Value::Value(std::string_view value) : held_(std::string(value)) {}
Value::Value(const char* value) : held_(std::string(value)) {}
Value::Value(Array value) : held_(std::move(value)) {}
Value::Value(Object value) : held_(std::move(value)) {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Member::Member(std::string_view given_name, Value given) : name(given_name), value(std::move(given)) {}

bool operator==(const Value& a, const Value& b) { return a.held_ == b.held_; }

const Value* Value::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  for (const Member& member : *members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value& Value::set(std::string_view name, Value value) {
  if (is_null()) held_ = Object{};
  Object* members = object();
  CHECK_INVARIANT(members != nullptr);
  for (Member& member : *members) {
    if (member.name == name) {
      member.value = std::move(value);
      return *this;
    }
  }
  members->emplace_back(name, std::move(value));
  return *this;
}

std::string_view Value::kind() const {
  constexpr std::string_view kKinds[] = {"null", "a truth value", "an integer", "a number",
                                         "text", "an array",      "an object"};
  return kKinds[held_.index()];
}

}  // namespace holdfast::json
