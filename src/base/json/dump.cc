#include <boost/json.hpp>

#include "base/json/value.h"

namespace holdfast::json {
namespace {

boost::json::value to_boost(const Value& value) {
  if (const bool* v = value.boolean()) return *v;
  if (const std::int64_t* v = value.integer()) return *v;
  if (const double* v = value.number()) return *v;
  if (const std::string* v = value.text()) return boost::json::string(*v);
  if (const Array* v = value.array()) {
    boost::json::array out;
    out.reserve(v->size());
    for (const Value& element : *v) out.push_back(to_boost(element));
    return out;
  }
  if (const Object* v = value.object()) {
    boost::json::object out;
    out.reserve(v->size());
    for (const Member& member : *v) out.emplace(member.name, to_boost(member.value));
    return out;
  }
  return nullptr;
}

void dump_indented(const Value& value, std::size_t depth, std::string& out) {
  const auto line = [&](std::size_t levels) { out.append("\n").append(levels * 2, ' '); };
  const Array* array = value.array();
  const Object* object = value.object();
  const std::size_t size = array ? array->size() : object ? object->size() : 0;
  if (size == 0) {
    out += boost::json::serialize(to_boost(value));
    return;
  }
  out += array ? '[' : '{';
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    line(depth + 1);
    if (object) out.append(boost::json::serialize((*object)[i].name)).append(": ");
    dump_indented(array ? (*array)[i] : (*object)[i].value, depth + 1, out);
  }
  line(depth);
  out += array ? ']' : '}';
}

}  // namespace

std::string dump(const Value& value) { return boost::json::serialize(to_boost(value)); }

std::string dump_pretty(const Value& value) {
  std::string out;
  dump_indented(value, 0, out);
  return out;
}

}  // namespace holdfast::json
