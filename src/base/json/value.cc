#include "base/json/value.h"

#include "base/check.h"

namespace holdfast::json {

const Value* Value::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  for (const Member& member : *members) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

Value& Value::set(std::string_view name, Value value) {
  if (is_null()) held_ = Object{};
  Object* members = object();
  CHECK_INVARIANT(members != nullptr);
  for (Member& member : *members) {
    if (member.first == name) {
      member.second = std::move(value);
      return *this;
    }
  }
  members->emplace_back(std::string(name), std::move(value));
  return *this;
}

std::string_view Value::kind() const {
  constexpr std::string_view kKinds[] = {"null", "a truth value", "an integer", "a number",
                                         "text", "an array",      "an object"};
  return kKinds[held_.index()];
}

}  // namespace holdfast::json
