#include "linux/http/message.h"

#include <algorithm>

namespace holdfast::linux::http {

const std::string* Request::header(std::string_view name) const {
  const auto found =
      std::ranges::find(headers, name, [](const auto& header) -> std::string_view { return header.first; });
  return found == headers.end() ? nullptr : &found->second;
}

}  // namespace holdfast::linux::http
