#include "service/gateway/preconditions.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::gateway {
namespace {

constexpr std::size_t kEtagHashBytes = 16;

/// RFC 9110 §8.8.3: a quoted string without quotes or spaces in it.
bool is_opaque_tag(std::string_view text) {
  return text.size() >= 2 && text.size() <= kEtagBytesMax && text.starts_with('"') && text.ends_with('"') &&
         std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) { return c > 0x20 && c < 0x7F && c != '"'; });
}

bool holds(const std::vector<std::string>& tags, std::string_view tag) {
  return std::ranges::find(tags, tag) != tags.end();
}

std::unexpected<Error> failed(std::string message) {
  return fail(Next::Conflict, kPreconditionFailed, std::move(message));
}

}  // namespace

std::string etag_of(const json::Value& object) {
  const Digest256 digest = trust::crypto::sha256(as_bytes(json::dump(object)));
  return cat('"', to_hex(Bytes(digest).first(kEtagHashBytes)), '"');
}

Result<std::optional<Preconditions::Tags>> Preconditions::tags_of(const std::optional<std::string>& header) {
  if (!header) return std::optional<Tags>();
  Tags out;
  if (trim(*header) == "*") {
    out.any = true;
    return std::optional(std::move(out));
  }
  const auto parts = split(*header, ',');
  for (std::string_view part : parts) {
    part = trim(part);
    const bool is_weak = part.starts_with("W/");
    if (is_weak) part.remove_prefix(2);
    if (parts.size() > kEtagsMax || !is_opaque_tag(part)) {
      return fail(
          Next::Rejected, kPreconditionMalformed,
          cat("expected * or 1 to ", kEtagsMax, " entity tags such as \"0a1b\", saw '", printable(*header, 80), "'"));
    }
    (is_weak ? out.weak : out.strong).emplace_back(part);
  }
  return std::optional(std::move(out));
}

Result<Preconditions> Preconditions::of(const Request& request) {
  Preconditions out;
  out.match_ = TRY(tags_of(request.if_match));
  out.none_match_ = TRY(tags_of(request.if_none_match));
  return out;
}

bool Preconditions::has_already(std::string_view etag) const {
  return none_match_ && (none_match_->any || holds(none_match_->strong, etag) || holds(none_match_->weak, etag));
}

Result<void> Preconditions::require(const std::optional<json::Value>& object) const {
  looked_at_ = true;
  if (!match_ && !none_match_) return {};
  const std::string etag = object ? etag_of(*object) : "";
  if (match_ && (!object || !(match_->any || holds(match_->strong, etag)))) {
    return failed(object ? cat("expected the object to be as If-Match says, saw ", etag, "; read it again")
                         : "expected the object of If-Match to be there, saw none");
  }
  if (none_match_ && object && has_already(etag)) {
    return failed(cat("expected no object such as If-None-Match names, saw ", etag));
  }
  return {};
}

Result<void> Preconditions::require_looked_at() const {
  if (looked_at_ || (!match_ && !none_match_)) return {};
  return fail(Next::Rejected, kPreconditionUnsupported,
              "expected no If-Match and no If-None-Match, which this request cannot keep, saw one");
}

}  // namespace holdfast::service::gateway
