// If-Match and If-None-Match (RFC 9110 §13.1): evaluated inside the transaction that changes the object, against the
// object as GET shows it. A route that changes an object and evaluates none refuses them: a caller who asked for a
// check is never told of success without it.
#pragma once

#include <vector>

#include "base/json/value.h"
#include "service/request.h"

namespace holdfast::service::gateway {

inline constexpr Reason kPreconditionMalformed{"precondition-malformed"};
inline constexpr Reason kPreconditionUnsupported{"precondition-unsupported"};
inline constexpr std::size_t kEtagsMax = 16;
inline constexpr std::size_t kEtagBytesMax = 128;

/// A strong entity tag: of the bytes that json::dump makes of it.
std::string etag_of(const json::Value& object);

class Preconditions {
 public:
  static Result<Preconditions> of(const Request& request);

  /// Whether If-None-Match names what GET would answer with.
  bool has_already(std::string_view etag) const;
  /// 412 unless the object is as the caller expects it; `object` is none where there is no such thing yet.
  Result<void> require(const std::optional<json::Value>& object) const;

  void begin() const { looked_at_ = false; }
  Result<void> require_looked_at() const;

 private:
  struct Tags {
    bool any = false;  ///< `*`
    std::vector<std::string> strong;
    std::vector<std::string> weak;  ///< the opaque part
  };
  static Result<std::optional<Tags>> tags_of(const std::optional<std::string>& header);

  std::optional<Tags> match_;
  std::optional<Tags> none_match_;
  mutable bool looked_at_ = false;  ///< in this run of the transaction
};

}  // namespace holdfast::service::gateway
