#include "cli/release/json_lines.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

namespace holdfast::cli::release {
namespace {

constexpr std::size_t kLevelsMax = 16;
constexpr std::string_view kNumber{"+-.0123456789Ee"};

class Walk {
 public:
  Walk(std::string_view text, const std::vector<std::string>& names) : text_(text), names_(names) {}

  std::size_t line() {
    const bool is_json = value(0, true) && (pass_space(), at_ == text_.size());
    const std::size_t end = is_json ? found_ : at_;
    if (is_json && names_.empty()) return 0;
    if (end == std::string_view::npos) return 0;
    return 1 + static_cast<std::size_t>(std::ranges::count(text_.substr(0, end), '\n'));
  }

 private:
  char seen() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void pass_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(char expected) {
    pass_space();
    if (at_ == text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  /// `is_way`: the names up to this level led here.
  bool value(std::size_t level, bool is_way) {
    pass_space();
    if (is_way && level == names_.size()) found_ = at_;
    const bool is_nested = seen() == '{' || seen() == '[';
    if (is_nested && level >= kLevelsMax) return false;
    switch (seen()) {
      case '{': return object(level, is_way);
      case '[': return array(level);
      case '"': return string().has_value();
      default: return word();
    }
  }

  bool object(std::size_t level, bool is_way) {
    ++at_;
    std::set<std::string, std::less<>> members;
    if (take('}')) return true;
    do {
      pass_space();
      const std::size_t begin = at_;
      const auto name = string();
      if (!name) return false;
      if (!members.insert(*name).second) {
        at_ = begin;
        return false;
      }
      if (!take(':')) return false;
      if (!value(level + 1, is_way && level < names_.size() && *name == names_[level])) return false;
    } while (take(','));
    return take('}');
  }

  bool array(std::size_t level) {
    ++at_;
    if (take(']')) return true;
    do {
      if (!value(level + 1, false)) return false;
    } while (take(','));
    return take(']');
  }

  /// Escapes as they are written: two spellings of a name are two names here.
  std::optional<std::string> string() {
    if (seen() != '"') return std::nullopt;
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < ' ') return std::nullopt;
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) {
      at_ = begin;
      return std::nullopt;
    }
    return std::string(text_.substr(begin, at_++ - begin));
  }

  bool word() {
    for (const std::string_view one : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(one)) continue;
      at_ += one.size();
      return true;
    }
    const std::size_t end = std::min(text_.find_first_not_of(kNumber, at_), text_.size());
    const std::string_view number = text_.substr(at_, end - at_);
    if (!is_number(number)) return false;
    at_ = end;
    return true;
  }

  static bool is_number(std::string_view text) {
    const bool is_whole = text.find_first_of(".eE") == std::string_view::npos;
    return is_whole ? is_read_as<std::int64_t>(text) : is_read_as<double>(text);
  }

  template <class Number>
  static bool is_read_as(std::string_view text) {
    Number out{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && problem == std::errc() && end == text.data() + text.size();
  }

  std::string_view text_;
  const std::vector<std::string>& names_;
  std::size_t at_ = 0;
  std::size_t found_ = std::string_view::npos;
};

}  // namespace

std::size_t line_of(std::string_view text, const std::vector<std::string>& names) { return Walk(text, names).line(); }

}  // namespace holdfast::cli::release
