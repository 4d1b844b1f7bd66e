// The checks of a request's head that Beast does not make.
#pragma once

#include "linux/http/request_reader.h"

namespace holdfast::linux::http {

/// A head as it was parsed: lower-case names, values as sent.
struct Head {
  std::string method;
  std::string target;
  Headers headers;
};

/// What to answer instead, when the head is not to be served. `raw` is the head's bytes, for what parsing hides.
std::optional<Refusal> judge_head(const Head& head, std::string_view raw);

/// Whether the head asks for `100 Continue`.
bool expects_continue(const Head& head);

}  // namespace holdfast::linux::http
