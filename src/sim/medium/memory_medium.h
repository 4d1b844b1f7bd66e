// ports::Medium in memory: what lies on it, and whether it is in.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "base/text.h"
#include "ports/medium.h"
#include "wire/carried.h"

namespace holdfast::sim::medium {

class MemoryMedium final : public ports::Medium {
 public:
  Result<bool> look() override { return is_in; }
  Result<std::optional<Blob>> read(std::string_view path, std::int64_t offset, std::size_t bytes) override {
    if (!is_in) return fail(Next::Retry, ports::kMediumMissing, "expected a medium, saw none");
    if (!wire::is_carried_path(path)) {
      return fail(Next::Rejected, ports::kMediumUnfit, cat("expected a path below it, saw ", printable(path, 80)));
    }
    const auto found = files.find(path);
    if (found == files.end()) return std::optional<Blob>();
    const Bytes rest =
        Bytes(found->second).subspan(static_cast<std::size_t>(std::min(offset, std::ssize(found->second))));
    return std::optional(to_blob(rest.first(std::min({rest.size(), bytes, ports::kMediumReadBytesMax}))));
  }

  std::map<std::string, Blob, std::less<>> files;
  bool is_in = true;
};

}  // namespace holdfast::sim::medium
